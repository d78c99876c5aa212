"""The methods of the Open Inference Protocol for one model."""

from __future__ import annotations

from typing import Any, Callable, NoReturn

import grpc

from clipper_worker import __version__, answers, datatypes, decoding, encoding, protocol
from clipper_worker.failures import BadAnswer, InvalidRequest, in_words
from clipper_worker.model import Model
from clipper_worker.signature import ANY_EXTENT, TensorSpec
from clipper_worker.tracebacks import Tracebacks

_MAX_DETAILS = 2000
"""Characters of a status message: all metadata of a call has to fit 8 KiB at most clients."""


class Service:
    """Answers for one version of one model. A batch that fails fails alone; a model that returns none is not ready."""

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

    def server_live(self, request: Any, context: grpc.ServicerContext) -> Any:
        return protocol.ServerLiveResponse(live=True)

    def server_ready(self, request: Any, context: grpc.ServicerContext) -> Any:
        return protocol.ServerReadyResponse(ready=not self._is_stuck())

    def server_metadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        return protocol.ServerMetadataResponse(name="clipper-worker", version=__version__)

    def model_ready(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._check_model(request.name, request.version, context)
        return protocol.ModelReadyResponse(ready=not self._is_stuck())

    def model_metadata(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._check_model(request.name, request.version, context)
        return self._metadata

    def model_config(self, request: Any, context: grpc.ServicerContext) -> Any:
        """Says what metadata has no word for: which inputs a request may lack."""
        self._check_model(request.name, request.version, context)
        return self._config

    def check_health(self, request: Any, context: grpc.ServicerContext) -> Any:
        if request.service not in ("", protocol.SERVICE):
            context.abort(grpc.StatusCode.NOT_FOUND, f"there is no service '{request.service}'")
        return protocol.HealthCheckResponse(status="NOT_SERVING" if self._is_stuck() else "SERVING")

    def model_infer(self, request: Any, context: grpc.ServicerContext) -> Any:
        self._check_model(request.model_name, request.model_version, context)
        # The call waited for the model; whoever asked may be gone, and then nobody wants the answer.
        if context.time_remaining() == 0 or not context.is_active():
            context.abort(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline passed before the model was called")
        try:
            batch = decoding.batch(request, self._model.inputs)
            answer = answers.read(self._predicted(batch.value), batch.rows, self._model.classes)
            return encoding.response(request, answer, self._version)
        except InvalidRequest as error:
            _abort(context, grpc.StatusCode.INVALID_ARGUMENT, str(error))
        except BadAnswer as error:
            self._tracebacks.log(error)
            _abort(context, grpc.StatusCode.INTERNAL, str(error))
        except _ModelRaised as raised:
            self._tracebacks.log(raised.error)
            _abort(context, grpc.StatusCode.INTERNAL, in_words(raised.error))
        except Exception as error:  # reading an answer calls the model's own types
            self._tracebacks.log(error)
            _abort(context, grpc.StatusCode.INTERNAL, f"the answer cannot be read: {in_words(error)}")

    def _predicted(self, batch: Any) -> Any:
        try:
            return self._model.predict(batch)
        except BaseException as error:  # a model that calls exit() has failed, and the worker goes on
            raise _ModelRaised(error) from error

    def _check_model(self, name: str, version: str, context: grpc.ServicerContext) -> None:
        if name != self._name or version not in ("", self._version):
            asked = f"{name}:{version}" if version else name
            context.abort(
                grpc.StatusCode.NOT_FOUND,
                f"Request for unknown model: '{asked}' is not here, '{self._name}:{self._version}' is",
            )


class _ModelRaised(Exception):
    """What the model's own code raised."""

    def __init__(self, error: BaseException) -> None:
        super().__init__(str(error))
        self.error = error


def _abort(context: grpc.ServicerContext, status: grpc.StatusCode, details: str) -> NoReturn:
    context.abort(status, details if len(details) <= _MAX_DETAILS else details[:_MAX_DETAILS] + "…")
    raise AssertionError("abort returned")


def _describe(spec: TensorSpec, tensors: Any) -> None:
    tensors.add(name=spec.name, datatype=spec.datatype.name, shape=(ANY_EXTENT, *spec.shape))


def _configure(spec: TensorSpec, inputs: Any) -> None:
    datatype = "STRING" if spec.datatype is datatypes.BYTES else spec.datatype.name
    # Without a bound on batches the rows are a dimension like the others.
    dims = (ANY_EXTENT, *spec.shape)
    inputs.add(name=spec.name, data_type=f"TYPE_{datatype}", dims=dims, optional=spec.optional)
