"""The element types of the Open Inference Protocol, and the arrays they are."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Datatype:
    """One element type. Arrays of BYTES hold ``str`` objects; BF16, which numpy lacks, is widened to FP32."""

    name: str
    dtype: np.dtype
    """Of the array that a model gets."""
    contents: str | None
    """The field of ``InferTensorContents`` it is written in; none where only raw contents are allowed."""
    element_bytes: int
    """In raw contents; 0 where elements differ in length."""


def _little_endian(name: str, dtype: str, contents: str | None) -> Datatype:
    little = np.dtype(dtype).newbyteorder("<")
    return Datatype(name, little, contents, little.itemsize)


BOOL = _little_endian("BOOL", "?", "bool_contents")
FP16 = _little_endian("FP16", "f2", None)
FP32 = _little_endian("FP32", "f4", "fp32_contents")
FP64 = _little_endian("FP64", "f8", "fp64_contents")
INT32 = _little_endian("INT32", "i4", "int_contents")
INT64 = _little_endian("INT64", "i8", "int64_contents")
UINT8 = _little_endian("UINT8", "u1", "uint_contents")
BF16 = Datatype("BF16", FP32.dtype, None, 2)
BYTES = Datatype("BYTES", np.dtype(object), "bytes_contents", 0)

ALL: dict[str, Datatype] = {
    datatype.name: datatype
    for datatype in (
        BOOL,
        UINT8,
        _little_endian("UINT16", "u2", "uint_contents"),
        _little_endian("UINT32", "u4", "uint_contents"),
        _little_endian("UINT64", "u8", "uint64_contents"),
        _little_endian("INT8", "i1", "int_contents"),
        _little_endian("INT16", "i2", "int_contents"),
        INT32,
        INT64,
        FP16,
        BF16,
        FP32,
        FP64,
        BYTES,
    )
}

_BY_DTYPE = {datatype.dtype: datatype for datatype in ALL.values() if datatype is not BF16}


def named(name: str) -> Datatype:
    """The datatype of that name; raises ``ValueError`` with the names there are."""
    try:
        return ALL[name.upper()]
    except KeyError:
        raise ValueError(f"datatype '{name}' is not one of {', '.join(ALL)}") from None


@functools.lru_cache(maxsize=64)
def of_dtype(dtype: np.dtype) -> Datatype | None:
    """The datatype that an array of that dtype is written as; none for those that the protocol lacks."""
    if dtype.kind in "US":
        return BYTES
    if dtype.name == "bfloat16":
        return BF16
    return _BY_DTYPE.get(dtype.newbyteorder("<"))
