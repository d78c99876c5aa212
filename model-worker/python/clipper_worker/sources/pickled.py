"""A pickle: an estimator in scikit-learn's manner, or any object that can predict or be called.

Unpickling runs whatever the file says. The worker does it because whoever starts a worker may run code anyway.
"""

from __future__ import annotations

import pickle
import sys
from pathlib import Path
from typing import Any

from clipper_worker.model import Model
from clipper_worker.signature import Signature
from clipper_worker.sources import estimators


def load(path: Path, inputs: Signature | None, threads: int | None) -> Model:
    del threads  # by the environment: joblib, OpenMP and BLAS read theirs there
    sys.path.insert(0, str(path.parent))
    return estimators.model(_unpickled(path), inputs)


def _unpickled(path: Path) -> Any:
    if path.suffix == ".joblib":
        import joblib

        return joblib.load(path)
    with path.open("rb") as file:
        return pickle.load(file)
