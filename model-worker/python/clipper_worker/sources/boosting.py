"""What boosted trees answer by their objective, whichever library grew them."""

from __future__ import annotations

from typing import Any

import numpy as np

from clipper_worker.answers import LABEL, ONLY_OUTPUT, PROBABILITIES


def classes(number: int) -> list[str]:
    """Both libraries count their classes from 0."""
    return [str(index) for index in range(number)]


def outputs(scores: Any, number_of_classes: int | None) -> dict[str, Any]:
    """A label and its probabilities for a classifier, of which a binary one gives that of class 1; else the scores."""
    scores = np.asarray(scores)
    if number_of_classes is None:
        return {ONLY_OUTPUT: scores}
    if number_of_classes == 2 and scores.ndim == 1:
        scores = np.column_stack((1 - scores, scores))
    return {LABEL: scores.argmax(axis=1), PROBABILITIES: scores}
