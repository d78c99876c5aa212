"""A pickle: an estimator in scikit-learn's manner, or any object that can predict or be called.

Unpickling runs whatever the file says. The worker does it because whoever starts a worker may run code anyway.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from clipper_worker import answers, datatypes, signature
from clipper_worker.answers import LABEL, PROBABILITIES
from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import Signature, TensorSpec


def load(path: Path, inputs: Signature | None, threads: int | None) -> Model:
    del threads  # by the environment: joblib, OpenMP and BLAS read theirs there
    sys.path.insert(0, str(path.parent))
    estimator = _unpickled(path)
    classes = getattr(estimator, "classes_", None)
    if hasattr(estimator, "predict_proba") and classes is not None and getattr(classes, "ndim", 1) == 1:
        return _classifier(estimator, inputs)
    predict = getattr(estimator, "predict", estimator)
    if not callable(predict):
        raise LoadFailure(f"'{path.name}' holds a {type(estimator).__name__}, which cannot predict")
    return Model("sklearn" if hasattr(estimator, "get_params") else "python", inputs or _inputs(estimator), predict)


def _unpickled(path: Path) -> Any:
    if path.suffix == ".joblib":
        import joblib

        return joblib.load(path)
    with path.open("rb") as file:
        return pickle.load(file)


def _classifier(estimator: Any, inputs: Signature | None) -> Model:
    classes = answers.class_names(estimator.classes_)

    def predict(batch: Any) -> Any:
        # Both are asked for: the likeliest class is not what every estimator predicts (SVC, a tuned threshold).
        return {LABEL: estimator.predict(batch), PROBABILITIES: estimator.predict_proba(batch)}

    label = datatypes.of_dtype(estimator.classes_.dtype) or datatypes.BYTES
    return Model(
        platform="sklearn",
        inputs=inputs or _inputs(estimator),
        predict=predict,
        classes=classes,
        outputs=(
            TensorSpec(LABEL, label, ()),
            TensorSpec(PROBABILITIES, datatypes.FP64, (len(classes),)),
        ),
    )


def _inputs(estimator: Any) -> Signature:
    """What it was trained on: texts if it starts with a vectorizer, else as many doubles as it had columns."""
    steps = getattr(estimator, "steps", None)
    first = steps[0][1] if steps else estimator
    if hasattr(first, "build_analyzer"):
        return signature.parse("strings")
    return signature.one_vector(datatypes.FP64, int(getattr(estimator, "n_features_in_", signature.ANY_EXTENT)))
