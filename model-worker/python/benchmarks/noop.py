"""A model that does nothing: what is left is the worker."""

from __future__ import annotations

import numpy as np


def predict(batch: np.ndarray) -> np.ndarray:
    return np.zeros(len(batch))
