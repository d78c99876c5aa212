"""What a model takes: its named tensors, without the batch dimension."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clipper_worker import datatypes
from clipper_worker.datatypes import Datatype

ONLY_INPUT = "input"
ANY_EXTENT = -1

_SPEC = re.compile(r"\s*(?P<name>[^:\[\],]+):(?P<datatype>\w+)\[(?P<shape>[^\]]*)\]\s*(?P<optional>\??)\s*(,|$)")


@dataclass(frozen=True)
class TensorSpec:
    """One tensor's name, datatype and shape; -1 is any extent. A batch may lack one that is optional."""

    name: str
    datatype: Datatype
    shape: tuple[int, ...]
    optional: bool = False

    @property
    def is_one_text(self) -> bool:
        """Whether a row is one text, which a model gets without the dimension of extent 1."""
        return self.datatype is datatypes.BYTES and self.shape == (1,)

    def __str__(self) -> str:
        mark = "?" if self.optional else ""
        return f"{self.name}:{self.datatype.name}[{', '.join(map(str, self.shape))}]{mark}"


Signature = tuple[TensorSpec, ...]

_SHORT_FORMS = {
    "bytes": (("bytes", "byte", "b"), datatypes.UINT8, ANY_EXTENT),
    "integers": (("integers", "ints", "integer", "int", "i"), datatypes.INT32, ANY_EXTENT),
    "floats": (("floats", "float", "f"), datatypes.FP32, ANY_EXTENT),
    "doubles": (("doubles", "double", "d"), datatypes.FP64, ANY_EXTENT),
    "strings": (("strings", "string", "str", "strs", "s"), datatypes.BYTES, 1),
}


def one_vector(datatype: Datatype, extent: int = ANY_EXTENT) -> Signature:
    return (TensorSpec(ONLY_INPUT, datatype, (extent,)),)


def parse(text: str) -> Signature:
    """Reads a short form (``doubles``) or tensors (``ids:INT64[-1],weight:FP64[]?``); raises ``ValueError``."""
    for names, datatype, extent in _SHORT_FORMS.values():
        if text.lower() in names:
            return one_vector(datatype, extent)
    specs = []
    at = 0
    while at < len(text):
        match = _SPEC.match(text, at)
        if match is None:
            raise ValueError(
                f"input type '{text}' is neither one of {', '.join(_SHORT_FORMS)} nor of the form NAME:DATATYPE[SHAPE]"
            )
        datatype, shape = datatypes.named(match["datatype"]), _shape(match["shape"])
        specs.append(TensorSpec(match["name"], datatype, shape, bool(match["optional"])))
        at = match.end()
    if not specs or len({spec.name for spec in specs}) < len(specs):
        raise ValueError(f"input type '{text}' names no tensor, or one twice")
    return tuple(specs)


def _shape(text: str) -> tuple[int, ...]:
    if not text.strip():
        return ()
    shape = tuple(int(extent) for extent in text.split(","))
    if min(shape) < ANY_EXTENT:
        raise ValueError(f"shape [{text}] has an extent below -1")
    return shape
