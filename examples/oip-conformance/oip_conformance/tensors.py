"""Tensors of zeros that fit a model's metadata, in each of the protocol's forms."""

import math
import struct
from dataclasses import dataclass

# datatype: bytes of an element, struct's letter, field of InferTensorContents
DATATYPES = {
    "BOOL": (1, "?", "bool_contents"),
    "UINT8": (1, "B", "uint_contents"),
    "UINT16": (2, "H", "uint_contents"),
    "UINT32": (4, "I", "uint_contents"),
    "UINT64": (8, "Q", "uint64_contents"),
    "INT8": (1, "b", "int_contents"),
    "INT16": (2, "h", "int_contents"),
    "INT32": (4, "i", "int_contents"),
    "INT64": (8, "q", "int64_contents"),
    "FP16": (2, "e", None),
    "BF16": (2, None, None),
    "FP32": (4, "f", "fp32_contents"),
    "FP64": (8, "d", "fp64_contents"),
    "BYTES": (None, None, "bytes_contents"),
}


@dataclass
class Tensor:
    """One input: its elements as Python values, row-major."""

    name: str
    datatype: str
    shape: list
    elements: list

    @staticmethod
    def zeros(metadata, rows=1, length=1):
        """Every open extent is `length`, the first one `rows`."""
        shape = [length if extent < 0 else extent for extent in metadata["shape"]]
        if metadata["shape"] and metadata["shape"][0] < 0:
            shape[0] = rows
        datatype = metadata["datatype"]
        zero = "" if datatype == "BYTES" else False if datatype == "BOOL" else 0
        return Tensor(metadata["name"], datatype, shape, [zero] * math.prod(shape))

    def has_json(self):
        return self.datatype not in ("FP16", "BF16")

    def nested(self):
        def level(shape, elements):
            if len(shape) <= 1:
                return elements
            step = len(elements) // shape[0] if shape[0] else 0
            return [level(shape[1:], elements[i * step : (i + 1) * step]) for i in range(shape[0])]

        return level(self.shape, self.elements)

    def raw(self):
        if self.datatype == "BYTES":
            encoded = [text.encode() for text in self.elements]
            return b"".join(struct.pack("<I", len(one)) + one for one in encoded)
        letter = DATATYPES[self.datatype][1]
        if letter is None:  # BF16: the upper half of a float
            return b"".join(struct.pack("<f", float(value))[2:] for value in self.elements)
        return struct.pack(f"<{len(self.elements)}{letter}", *self.elements)

    def as_json(self, nested=False):
        data = self.nested() if nested else self.elements
        return {"name": self.name, "shape": self.shape, "datatype": self.datatype, "data": data}

    def as_binary(self):
        return {"name": self.name, "shape": self.shape, "datatype": self.datatype, "parameters": {"binary_data_size": len(self.raw())}}


def read(datatype, raw):
    """The elements of raw bytes; raises ValueError where they do not fit."""
    if datatype == "BYTES":
        elements, at = [], 0
        while at < len(raw):
            (length,) = struct.unpack_from("<I", raw, at)
            if at + 4 + length > len(raw):
                raise ValueError("an element runs past the end")
            elements.append(raw[at + 4 : at + 4 + length].decode("utf-8", "replace"))
            at += 4 + length
        return elements
    size, letter, _ = DATATYPES[datatype]
    if len(raw) % size:
        raise ValueError(f"{len(raw)} bytes are no whole number of {datatype}")
    if letter is None:
        return [struct.unpack("<f", b"\0\0" + raw[at : at + 2])[0] for at in range(0, len(raw), 2)]
    return list(struct.unpack(f"<{len(raw) // size}{letter}", raw))


def flat(data):
    """The elements of JSON data, nested or not."""
    return [element for one in data for element in flat(one)] if isinstance(data, list) else [data]


def alike(one, other):
    """Whether two answers agree: floating-point numbers to six digits, and what is no number as nothing."""
    if len(one) != len(other):
        return False
    for left, right in zip(one, other):
        if isinstance(left, float) or isinstance(right, float):
            left = math.nan if left is None else left
            right = math.nan if right is None else right
            if not (math.isnan(left) and math.isnan(right)) and not math.isclose(left, right, rel_tol=1e-6, abs_tol=1e-9):
                return False
        elif left != right:
            return False
    return True
