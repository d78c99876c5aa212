"""From a model's answer to a response."""

from __future__ import annotations

import json
import struct
from typing import Any

import numpy as np

from clipper_worker import datatypes
from clipper_worker.answers import PROBABILITIES, Answer
from clipper_worker.datatypes import Datatype
from clipper_worker.failures import InvalidRequest
from clipper_worker.protocol import ModelInferResponse

CLASSES = "classes"
"""The parameter of the output ``probabilities`` that names its columns: a JSON array of labels."""


def response(request: Any, answer: Answer, version: str) -> Any:
    """A ``ModelInferResponse``, raw if the request was or if some output can be sent in no other way."""
    message = ModelInferResponse(model_name=request.model_name, model_version=version, id=request.id)
    names = _wanted(request, answer)
    columns = [(name, answer.columns[name], _datatype(answer.columns[name])) for name in names]
    raw = len(request.raw_input_contents) > 0 or any(datatype.contents is None for _, _, datatype in columns)
    for name, array, datatype in columns:
        output = message.outputs.add(name=name, datatype=datatype.name)
        output.shape.extend(array.shape)
        if name == PROBABILITIES and answer.classes is not None:
            output.parameters[CLASSES].string_param = json.dumps(answer.classes, ensure_ascii=False)
        if raw:
            message.raw_output_contents.append(_raw(array, datatype))
        elif datatype.contents is not None:
            values = _blobs(array) if datatype is datatypes.BYTES else array.ravel().tolist()
            getattr(output.contents, datatype.contents).extend(values)
    return message


def _wanted(request: Any, answer: Answer) -> list[str]:
    if not request.outputs:
        return list(answer.columns)
    names = [output.name for output in request.outputs]
    for name in names:
        if name not in answer.columns:
            raise InvalidRequest(f"there is no output '{name}'; the model answers {', '.join(answer.columns)}")
    return names


def _datatype(array: np.ndarray) -> Datatype:
    return datatypes.of_dtype(array.dtype) or datatypes.BYTES


def _raw(array: np.ndarray, datatype: Datatype) -> bytes:
    if datatype is datatypes.BYTES:
        return b"".join(struct.pack("<I", len(blob)) + blob for blob in _blobs(array))
    if datatype is datatypes.BF16:
        return array.tobytes()
    return array.astype(datatype.dtype, copy=False).tobytes()


def _blobs(array: np.ndarray) -> list[bytes]:
    return [element if isinstance(element, bytes) else element.encode() for element in array.ravel().tolist()]
