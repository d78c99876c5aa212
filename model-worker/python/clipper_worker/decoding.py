"""From a request to the batch that a model gets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clipper_worker import datatypes
from clipper_worker.failures import InvalidRequest
from clipper_worker.signature import ANY_EXTENT, Signature, TensorSpec

Array = np.ndarray
_LENGTH_BYTES = 4


@dataclass(frozen=True)
class Batch:
    """What a model is asked at once; the first dimension is the row.

    One array for a model of one input; for one of several, arrays by name, without those that the request lacks.
    """

    rows: int
    value: Array | dict[str, Array]


def batch(request: Any, signature: Signature) -> Batch:
    """Reads a ``ModelInferRequest``. Arrays of raw contents are views of its bytes, and so cannot be written to."""
    tensors = request.inputs
    raw = request.raw_input_contents
    if raw and len(raw) != len(tensors):
        raise InvalidRequest(f"{len(raw)} raw contents for {len(tensors)} inputs")
    required = sum(not spec.optional for spec in signature)
    if not max(required, 1) <= len(tensors) <= len(signature):
        raise InvalidRequest(f"{len(tensors)} inputs given, expected {_names(signature)}")
    if len(signature) == 1:
        array = _array(tensors[0], raw[0] if raw else None, signature[0])
        return Batch(array.shape[0], array)
    arrays: dict[str, Array] = {}
    for spec in signature:
        index = _index(tensors, spec.name)
        if index is not None:
            arrays[spec.name] = _array(tensors[index], raw[index] if raw else None, spec)
        elif not spec.optional:
            raise InvalidRequest(f"input '{spec.name}' is missing")
    if len(arrays) < len(tensors):
        names = ", ".join(tensor.name for tensor in tensors)
        raise InvalidRequest(f"the inputs {names} are not each one of {', '.join(map(str, signature))}")
    counts = {array.shape[0] for array in arrays.values()}
    if len(counts) > 1:
        raise InvalidRequest(f"inputs have different numbers of rows: {', '.join(map(str, sorted(counts)))}")
    return Batch(counts.pop(), arrays)


def _index(tensors: Sequence[Any], name: str) -> int | None:
    for index, tensor in enumerate(tensors):
        if tensor.name == name:
            return index
    return None


def _array(tensor: Any, raw: bytes | None, spec: TensorSpec) -> Array:
    if tensor.datatype != spec.datatype.name:
        raise InvalidRequest(f"input '{spec.name}' is {tensor.datatype or 'of no datatype'}, not {spec.datatype.name}")
    shape = tuple(tensor.shape)
    _check(shape, spec)
    if raw is None:
        array = _from_contents(tensor, shape, spec)
    elif tensor.HasField("contents"):
        raise InvalidRequest("contents field must not be specified when using raw_input_contents")
    else:
        array = _from_raw(raw, shape, spec)
    return array.reshape(shape[:1] if spec.is_one_text else shape)


def _check(shape: tuple[int, ...], spec: TensorSpec) -> None:
    expected = spec.shape
    if spec.is_one_text and len(shape) == 1:
        expected = ()
    fits = len(shape) == len(expected) + 1 and all(
        extent >= 0 and wanted in (ANY_EXTENT, extent) for extent, wanted in zip(shape[1:], expected)
    )
    if not fits:
        wanted = ", ".join(map(str, (ANY_EXTENT, *spec.shape)))
        raise InvalidRequest(f"input '{spec.name}' has shape {list(shape)}, expected [{wanted}]")
    if shape[0] < 1:
        raise InvalidRequest(f"input '{spec.name}' has {shape[0]} rows: a batch has at least one")


def _from_raw(raw: bytes, shape: tuple[int, ...], spec: TensorSpec) -> Array:
    datatype = spec.datatype
    if datatype is datatypes.BYTES:
        return _texts(_split(raw, spec.name), shape, spec.name)
    wanted = _elements(shape) * datatype.element_bytes
    if wanted != len(raw):
        raise InvalidRequest(
            f"{datatype.name} of shape {list(shape)} asks for {wanted} bytes, '{spec.name}' has {len(raw)}"
        )
    if datatype is datatypes.BF16:
        return (np.frombuffer(raw, "<u2").astype("<u4") << 16).view(datatype.dtype)
    if datatype is datatypes.BOOL and np.frombuffer(raw, np.uint8).max(initial=0) > 1:
        raise InvalidRequest(f"an element of the BOOL input '{spec.name}' is neither 0 nor 1")
    return np.frombuffer(raw, datatype.dtype)


def _from_contents(tensor: Any, shape: tuple[int, ...], spec: TensorSpec) -> Array:
    datatype = spec.datatype
    field = datatype.contents
    if field is None:
        raise InvalidRequest(f"{datatype.name} is sent as raw contents only")
    others = [given.name for given, _ in tensor.contents.ListFields() if given.name != field]
    if others:
        raise InvalidRequest(f"{datatype.name} of '{spec.name}' is in {others[0]}, not in {field}")
    values = getattr(tensor.contents, field)
    if datatype is datatypes.BYTES:
        return _texts(list(values), shape, spec.name)
    _check_count(len(values), shape, spec.name)
    return _narrowed(values, field, spec)


def _narrowed(values: Sequence[Any], field: str, spec: TensorSpec) -> Array:
    datatype = spec.datatype
    wide = np.array(values, dtype=_WIDE.get(field, datatype.dtype))
    narrow = wide.astype(datatype.dtype, copy=False)
    if wide.dtype != narrow.dtype and not np.array_equal(wide, narrow):
        raise InvalidRequest(f"an element of '{spec.name}' is outside the range of {datatype.name}")
    return narrow


# The widest type of a field that several datatypes share.
_WIDE = {"int_contents": np.dtype(np.int32), "uint_contents": np.dtype(np.uint32)}


def _split(raw: bytes, name: str) -> list[bytes]:
    elements: list[bytes] = []
    at = 0
    while at < len(raw):
        start = at + _LENGTH_BYTES
        end = start + int.from_bytes(raw[at:start], "little")
        if start > len(raw) or end > len(raw):
            raise InvalidRequest(f"element {len(elements)} of '{name}' runs past the end of the data")
        elements.append(raw[start:end])
        at = end
    return elements


def _texts(elements: list[bytes], shape: tuple[int, ...], name: str) -> Array:
    _check_count(len(elements), shape, name)
    array = np.empty(len(elements), dtype=object)
    for index, element in enumerate(elements):
        try:
            array[index] = element.decode()
        except UnicodeDecodeError as error:
            raise InvalidRequest(f"element {index} of '{name}' is not UTF-8: send it as UINT8") from error
    return array


def _check_count(found: int, shape: tuple[int, ...], name: str) -> None:
    wanted = _elements(shape)
    if found != wanted:
        raise InvalidRequest(f"shape {list(shape)} asks for {wanted} elements, '{name}' has {found}")


def _elements(shape: tuple[int, ...]) -> int:
    elements = 1
    for extent in shape:
        elements *= extent
    return elements


def _names(signature: Signature) -> str:
    return f"{len(signature)} ({', '.join(map(str, signature))})"
