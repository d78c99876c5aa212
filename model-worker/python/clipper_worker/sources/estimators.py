"""Objects that predict, in scikit-learn's manner or in their own."""

from __future__ import annotations

from typing import Any

import numpy as np

from clipper_worker import answers, datatypes, signature
from clipper_worker.answers import LABEL, PROBABILITIES
from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import Signature, TensorSpec


def model(estimator: Any, inputs: Signature | None) -> Model:
    specs = inputs or _inputs(estimator)
    if is_classifier(estimator):
        return _classifier(estimator, specs)
    predict = getattr(estimator, "predict", estimator)
    if not callable(predict):
        raise LoadFailure(f"a {type(estimator).__name__} can neither be called nor has it a predict")
    return Model("sklearn" if hasattr(estimator, "get_params") else "python", specs, predict)


def is_classifier(estimator: Any) -> bool:
    """Whether it gives one probability for each of its classes; with several targets it gives a list of them."""
    classes = getattr(estimator, "classes_", None)
    return (
        hasattr(estimator, "predict_proba")
        and classes is not None
        and not any(isinstance(label, (list, np.ndarray)) for label in classes)
    )


def _classifier(estimator: Any, inputs: Signature) -> Model:
    classes = answers.class_names(estimator.classes_)

    def predict(batch: Any) -> Any:
        # Both are asked for: the likeliest class is not what every estimator predicts (SVC, a tuned threshold).
        return {LABEL: estimator.predict(batch), PROBABILITIES: estimator.predict_proba(batch)}

    label = datatypes.of_dtype(np.asarray(estimator.classes_).dtype) or datatypes.BYTES
    return Model(
        platform="sklearn",
        inputs=inputs,
        predict=predict,
        classes=classes,
        outputs=(TensorSpec(LABEL, label, ()), TensorSpec(PROBABILITIES, datatypes.FP64, (len(classes),))),
    )


def _inputs(estimator: Any) -> Signature:
    """What it was trained on: texts if it starts with a vectorizer, else as many doubles as it had columns."""
    steps = getattr(estimator, "steps", None)
    first = steps[0][1] if steps else estimator
    if hasattr(first, "build_analyzer"):
        return signature.parse("strings")
    return signature.one_vector(datatypes.FP64, int(getattr(estimator, "n_features_in_", signature.ANY_EXTENT)))
