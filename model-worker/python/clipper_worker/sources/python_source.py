"""Python source: a function, a class with ``load()`` and ``predict(batch)``, or an object that has ``predict``."""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import importlib.util
import inspect
import sys
import threading
from collections.abc import Awaitable
from pathlib import Path
from types import ModuleType
from typing import Any, Callable

from clipper_worker import answers, datatypes, signature
from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import Signature
from clipper_worker.sources import estimators

_DEFAULTS = ("predict", "Model", "model")
"""What is served when no name is given, the first that is there."""


def from_module(name: str, function: str | None, inputs: Signature | None) -> Model:
    return _model(importlib.import_module(name), function, inputs)


def from_path(path: Path, function: str | None, inputs: Signature | None) -> Model:
    """A file; a folder that is a package, or that has a ``model.py``. The folder around it can be imported from."""
    if path.is_dir() and not (path / "__init__.py").is_file():
        path = path / "model.py"
        if not path.is_file():
            raise LoadFailure(f"the folder '{path.parent.name}' has no __init__.py, model.py or MLmodel")
    sys.path.insert(0, str(path.parent))
    file = path / "__init__.py" if path.is_dir() else path
    # Under its own name, so that what it pickles and imports agrees; not if that would shadow another module.
    name = path.stem if path.stem not in sys.modules else f"clipper_model_{path.stem}"
    spec = importlib.util.spec_from_file_location(name, file)
    if spec is None or spec.loader is None:
        raise LoadFailure(f"'{path.name}' is not Python source")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return _model(module, function, inputs)


def _model(module: ModuleType, function: str | None, inputs: Signature | None) -> Model:
    target = _target(module, function)
    loop = EventLoop()
    if inspect.isclass(target):
        target = target()
    if hasattr(target, "load"):
        loop.result(target.load())
    if estimators.is_classifier(target):
        return estimators.model(target, inputs)
    predict = _predict(target)
    declared = getattr(target, "input_type", None)
    classes = getattr(target, "classes", None)
    return Model(
        platform="python",
        inputs=inputs or (signature.parse(declared) if declared else signature.one_vector(datatypes.FP64)),
        predict=loop.waiting(predict),
        classes=answers.class_names(classes) if classes is not None else None,
    )


def _target(module: ModuleType, function: str | None) -> Any:
    names = [function] if function is not None else _DEFAULTS
    for name in names:
        if hasattr(module, name):
            return getattr(module, name)
    offered = ", ".join(_offered(module)) or "nothing"
    raise LoadFailure(f"{module.__name__} has no {' or '.join(names)}; it has {offered}")


def _offered(module: ModuleType) -> list[str]:
    own = (name for name, value in vars(module).items() if getattr(value, "__module__", None) == module.__name__)
    return [name for name in own if callable(getattr(module, name)) and not name.startswith("_")]


def _predict(target: Any) -> Callable[[Any], Any]:
    predict = getattr(target, "predict", target)
    if not callable(predict):
        raise LoadFailure(f"a {type(target).__name__} can neither be called nor has it a predict")
    return predict


class EventLoop:
    """The loop that a model's coroutines run on, in a thread that is started for the first of them."""

    def __init__(self) -> None:
        self._started: asyncio.AbstractEventLoop | None = None
        self._lock = threading.Lock()

    def waiting(self, predict: Callable[[Any], Any]) -> Callable[[Any], Any]:
        return lambda batch: self.result(predict(batch))

    def result(self, returned: Any) -> Any:
        """What was returned, or what it comes to if it is awaitable."""
        if not inspect.isawaitable(returned):
            return returned
        return asyncio.run_coroutine_threadsafe(_awaited(returned), self._loop()).result()

    def _loop(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._started is None:
                self._started = asyncio.new_event_loop()
                threading.Thread(target=_run, args=(self._started,), name="model-event-loop", daemon=True).start()
            return self._started


def _run(loop: asyncio.AbstractEventLoop) -> None:
    """A task that exits throws the loop out of its round; its outcome is kept, and told in the next."""
    while not loop.is_closed():
        with contextlib.suppress(SystemExit, KeyboardInterrupt):
            loop.run_forever()


async def _awaited(returned: Awaitable[Any]) -> Any:
    return await returned
