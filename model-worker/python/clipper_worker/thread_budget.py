"""How many threads a model's libraries may use."""

from __future__ import annotations

import os
import sys

_VARIABLES = (
    "OMP_NUM_THREADS",
    "MKL_NUM_THREADS",
    "OPENBLAS_NUM_THREADS",
    "BLIS_NUM_THREADS",
    "VECLIB_MAXIMUM_THREADS",
    "NUMEXPR_NUM_THREADS",
    "NUMBA_NUM_THREADS",
    "LOKY_MAX_CPU_COUNT",
)


def announce(threads: int) -> None:
    """Tells the libraries that are not imported yet; they read these once."""
    if "numpy" in sys.modules:
        raise AssertionError("numpy is imported: its libraries have chosen their threads")
    for variable in _VARIABLES:
        os.environ[variable] = str(threads)


def limit_torch(threads: int) -> None:
    """Torch, if the model imported it: it may have counted cores by itself."""
    torch = sys.modules.get("torch")
    if torch is not None:
        torch.set_num_threads(threads)
