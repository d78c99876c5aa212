"""The methods of the Open Inference Protocol for one model."""

from __future__ import annotations

from typing import Any, Callable

import grpc

from clipper_worker import __version__, answers, datatypes, decoding, encoding, protocol
from clipper_worker.failures import BadAnswer, InvalidRequest, in_words
from clipper_worker.model import Model
from clipper_worker.signature import ANY_EXTENT, TensorSpec
from clipper_worker.tracebacks import Tracebacks

_MAX_DETAILS = 2000
"""Characters of a status message: all metadata of a call has to fit 8 KiB at most clients."""


class Refusal(Exception):
    """What a call ends with instead of an answer."""

    def __init__(self, status: grpc.StatusCode, details: str) -> None:
        super().__init__(details)
        self.status = status
        self.details = details if len(details) <= _MAX_DETAILS else details[:_MAX_DETAILS] + "…"


class Service:
    """Answers for one version of one model, or raises a ``Refusal``.

    A batch that fails fails alone; a model that returns none is not ready.
    """

    def __init__(self, model: Model, name: str, version: str, is_stuck: Callable[[], bool] = lambda: False) -> None:
        self._model = model
        self._is_stuck = is_stuck
        self._name = name
        self._version = version
        self._tracebacks = Tracebacks()
        self._metadata = protocol.ModelMetadataResponse(name=name, versions=[version], platform=model.platform)
        self._config = protocol.ModelConfigResponse()
        self._config.config.name = name
        for spec in model.inputs:
            _describe(spec, self._metadata.inputs)
            _configure(spec, self._config.config.input)
        for spec in model.outputs:
            _describe(spec, self._metadata.outputs)

    def server_live(self, request: Any) -> Any:
        return protocol.ServerLiveResponse(live=True)

    def server_ready(self, request: Any) -> Any:
        return protocol.ServerReadyResponse(ready=not self._is_stuck())

    def server_metadata(self, extensions: list[str]) -> Any:
        return protocol.ServerMetadataResponse(name="clipper-worker", version=__version__, extensions=extensions)

    def model_ready(self, request: Any) -> Any:
        self._check_model(request.name, request.version)
        return protocol.ModelReadyResponse(ready=not self._is_stuck())

    def model_metadata(self, request: Any) -> Any:
        self._check_model(request.name, request.version)
        return self._metadata

    def model_config(self, request: Any) -> Any:
        """Says what metadata has no word for: which inputs a request may lack."""
        self._check_model(request.name, request.version)
        return self._config

    def check_health(self, request: Any) -> Any:
        if request.service not in ("", protocol.SERVICE):
            raise Refusal(grpc.StatusCode.NOT_FOUND, f"there is no service '{request.service}'")
        return protocol.HealthCheckResponse(status="NOT_SERVING" if self._is_stuck() else "SERVING")

    def model_infer(self, request: Any, is_wanted: Callable[[], bool]) -> Any:
        """To be called where the model may be; whoever asked may be gone by then, and then nobody wants the answer."""
        self._check_model(request.model_name, request.model_version)
        if not is_wanted():
            raise Refusal(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline passed before the model was called")
        try:
            batch = decoding.batch(request, self._model.inputs)
            answer = answers.read(self._predicted(batch.value), batch.rows, self._model.classes)
            return encoding.response(request, answer, self._version)
        except InvalidRequest as error:
            raise Refusal(grpc.StatusCode.INVALID_ARGUMENT, str(error)) from error
        except BadAnswer as error:
            self._tracebacks.log(error)
            raise Refusal(grpc.StatusCode.INTERNAL, str(error)) from error
        except _ModelRaised as raised:
            self._tracebacks.log(raised.error)
            raise Refusal(grpc.StatusCode.INTERNAL, in_words(raised.error)) from raised
        except BaseException as error:  # reading an answer calls the model's own types
            self._tracebacks.log(error)
            raise Refusal(grpc.StatusCode.INTERNAL, f"the answer cannot be read: {in_words(error)}") from error

    def _predicted(self, batch: Any) -> Any:
        try:
            return self._model.predict(batch)
        except BaseException as error:  # a model that calls exit() has failed, and the worker goes on
            raise _ModelRaised(error) from error

    def _check_model(self, name: str, version: str) -> None:
        if name != self._name or version not in ("", self._version):
            asked = f"{name}:{version}" if version else name
            raise Refusal(
                grpc.StatusCode.NOT_FOUND,
                f"Request for unknown model: '{asked}' is not here, '{self._name}:{self._version}' is",
            )


class _ModelRaised(Exception):
    """What the model's own code raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


def _describe(spec: TensorSpec, tensors: Any) -> None:
    tensors.add(name=spec.name, datatype=spec.datatype.name, shape=(ANY_EXTENT, *spec.shape))


def _configure(spec: TensorSpec, inputs: Any) -> None:
    datatype = "STRING" if spec.datatype is datatypes.BYTES else spec.datatype.name
    # Without a bound on batches the rows are a dimension like the others.
    dims = (ANY_EXTENT, *spec.shape)
    inputs.add(name=spec.name, data_type=f"TYPE_{datatype}", dims=dims, optional=spec.optional)
