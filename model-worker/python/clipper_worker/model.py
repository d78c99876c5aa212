"""A model that is ready to be asked, whatever it is made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Callable

from clipper_worker.signature import Signature, TensorSpec


@dataclass(frozen=True)
class Model:
    """What every source becomes: a signature and a function from a batch to one output per row."""

    platform: str
    inputs: Signature
    predict: Callable[[Any], Any]
    """Gets one array for one input, several by name, without those that are missing.

    Returns what ``answers.read`` understands.
    """
    classes: list[str] | None = None
    """The columns of the output ``probabilities``, where the model knows them."""
    outputs: tuple[TensorSpec, ...] = ()
    """Those that are known before the first batch."""
