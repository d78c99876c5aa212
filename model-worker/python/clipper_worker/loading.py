"""Which kind of model a source is, and how it becomes a ``Model``."""

from __future__ import annotations

import importlib
import os
import sys
from pathlib import Path

from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import Signature

# The modules are named, not imported: each imports a library that only its own kind of model needs.
_BY_SUFFIX: dict[str, str] = {
    ".pkl": "pickled",
    ".pickle": "pickled",
    ".joblib": "pickled",
    ".ubj": "xgboost_file",
    ".xgb": "xgboost_file",
    ".bst": "xgboost_file",
    ".json": "xgboost_file",
    ".txt": "lightgbm_file",
    ".lgb": "lightgbm_file",
    ".pt": "torchscript",
    ".pth": "torchscript",
    ".onnx": "onnx_file",
}


def load(source: str, inputs: Signature | None, threads: int | None) -> Model:
    """Loads ``SOURCE[:FUNCTION]``; raises ``LoadFailure``, or whatever the source itself raises.

    ``inputs`` is what the command line says of them; without it the model says so itself, where it can.
    """
    name, function = split(source)
    path = Path(name)
    if not path.exists():
        if _looks_like_path(name):
            raise LoadFailure(f"there is no file or folder '{name}'")
        sys.path.insert(0, os.getcwd())
        return _python_source().from_module(name, function, inputs)
    path = path.resolve()
    if path.is_dir() and (path / "MLmodel").is_file():
        return _file_loader("mlflow_folder", path, function, inputs, threads)
    if path.is_dir() or path.suffix == ".py":
        return _python_source().from_path(path, function, inputs)
    if path.suffix not in _BY_SUFFIX:
        raise LoadFailure(f"'{name}' is of no known kind; there are .py {' '.join(_BY_SUFFIX)}, folders and modules")
    return _file_loader(_BY_SUFFIX[path.suffix], path, function, inputs, threads)


def split(source: str) -> tuple[str, str | None]:
    """``model.py:predict`` as its two parts; the second may be missing."""
    name, colon, function = source.rpartition(":")
    if not colon or not function.isidentifier() or Path(source).exists():
        return source, None
    return name, function


def _looks_like_path(name: str) -> bool:
    return "/" in name or os.sep in name or Path(name).suffix in {".py", *_BY_SUFFIX}


def _python_source():
    return importlib.import_module("clipper_worker.sources.python_source")


def _file_loader(kind: str, path: Path, function: str | None, inputs: Signature | None, threads: int | None) -> Model:
    if function is not None:
        raise LoadFailure(f"'{path.name}' has no functions: '{function}' can only be in Python source")
    try:
        loader = importlib.import_module(f"clipper_worker.sources.{kind}")
    except ModuleNotFoundError as error:
        raise LoadFailure(
            f"'{path.name}' needs the package '{error.name}', which this environment lacks"
            " (is it in the model's requirements?)"
        ) from error
    return loader.load(path, inputs, threads)
