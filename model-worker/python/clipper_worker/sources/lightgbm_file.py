"""A model that LightGBM saved as text."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import lightgbm

from clipper_worker import datatypes, signature
from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import Signature
from clipper_worker.sources import boosting

_ITS_OWN_CHOICE = 0


def load(path: Path, inputs: Signature | None, threads: int | None) -> Model:
    header = _header(path)
    if "objective" not in header and "num_class" not in header:
        raise LoadFailure(f"'{path.name}' is no LightGBM model: it has no header")
    booster = lightgbm.Booster(model_file=str(path))
    number = _number_of_classes(header)

    def predict(batch: Any) -> Any:
        return boosting.outputs(booster.predict(batch, num_threads=threads or _ITS_OWN_CHOICE), number)

    return Model(
        platform="lightgbm",
        inputs=inputs or signature.one_vector(datatypes.FP64, booster.num_feature()),
        predict=predict,
        classes=None if number is None else boosting.classes(number),
    )


def _header(path: Path) -> dict[str, str]:
    """The settings ahead of the first tree: ``name=value``, one a line."""
    settings = {}
    with path.open(encoding="utf-8", errors="replace") as file:
        for line in file:
            if line.startswith("Tree="):
                break
            name, equals, value = line.rstrip("\n").partition("=")
            if equals:
                settings[name] = value
    return settings


def _number_of_classes(header: dict[str, str]) -> int | None:
    objective = header.get("objective", "").split(" ")[0]
    if objective == "binary":
        return 2
    return int(header["num_class"]) if objective in {"multiclass", "multiclassova"} else None
