"""A model that XGBoost saved."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import xgboost

from clipper_worker import datatypes, signature
from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import Signature
from clipper_worker.sources import boosting


def load(path: Path, inputs: Signature | None, threads: int | None) -> Model:
    booster = xgboost.Booster()
    try:
        booster.load_model(path)
    except xgboost.core.XGBoostError as error:
        raise LoadFailure(f"'{path.name}' is no XGBoost model: {str(error).splitlines()[0]}") from error
    if threads is not None:
        booster.set_param({"nthread": threads})
    number = _number_of_classes(booster)

    def predict(batch: Any) -> Any:
        return boosting.outputs(booster.inplace_predict(batch), number)

    return Model(
        platform="xgboost",
        inputs=inputs or signature.one_vector(datatypes.FP64, booster.num_features()),
        predict=predict,
        classes=None if number is None else boosting.classes(number),
    )


def _number_of_classes(booster: xgboost.Booster) -> int | None:
    """Of an objective that gives probabilities; none for one that gives values, margins or labels."""
    learner = json.loads(booster.save_config())["learner"]
    objective = learner["objective"]["name"]
    if objective == "binary:logistic":
        return 2
    return int(learner["learner_model_param"]["num_class"]) if objective == "multi:softprob" else None
