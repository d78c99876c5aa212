"""From what a model returns to named arrays with one row for each row of the batch."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from clipper_worker import datatypes
from clipper_worker.failures import BadAnswer

ONLY_OUTPUT = "output"
LABEL = "label"
PROBABILITIES = "probabilities"


@dataclass(frozen=True)
class Answer:
    """A batch's outputs by name, the first being the answer, and the classes of its probabilities, if any."""

    columns: dict[str, np.ndarray]
    classes: list[str] | None = None


def read(returned: Any, rows: int, classes: list[str] | None = None) -> Answer:
    """Checks and unifies a model's return value; raises ``BadAnswer`` in words for the model's author."""
    columns = _columns(returned, rows)
    arrays: dict[str, np.ndarray] = {}
    for name, values in columns.items():
        if name == PROBABILITIES and _is_list_of_mappings(values):
            _check_rows(len(values), rows, name)
            classes, values = _by_class(values)
        arrays[name] = _checked(_array(values, name), rows, name)
    if PROBABILITIES not in arrays or classes is None:
        return Answer(arrays)
    probabilities = arrays[PROBABILITIES]
    if probabilities.shape != (rows, len(classes)) or probabilities.dtype.kind != "f":
        raise BadAnswer(f"output '{PROBABILITIES}' is {_describe(probabilities)} for {len(classes)} classes")
    if len(arrays) == 1:
        arrays = {LABEL: np.array(classes, dtype=object)[probabilities.argmax(axis=1)], **arrays}
    return Answer(arrays, classes)


def class_names(classes: Any) -> list[str]:
    """Labels as text: ``True`` is ``true``, as everywhere in the protocol."""
    return [str(label).lower() if isinstance(label, (bool, np.bool_)) else str(label) for label in classes]


def _columns(returned: Any, rows: int) -> dict[str, Any]:
    if isinstance(returned, np.ndarray):
        columns = {ONLY_OUTPUT: returned}
    elif isinstance(returned, Mapping):
        columns = {str(name): values for name, values in returned.items()}
    elif hasattr(returned, "columns") and hasattr(returned, "to_numpy"):  # a data frame
        columns = {str(name): returned[name] for name in returned.columns}
        if len(columns) == 1:
            columns = {ONLY_OUTPUT: next(iter(columns.values()))}
    elif _is_list_of_mappings(returned):
        _check_rows(len(returned), rows, ONLY_OUTPUT)
        columns = _transposed(returned)
    else:
        columns = {ONLY_OUTPUT: returned}
    if not columns:
        raise BadAnswer("the model returned no output")
    return columns


def _is_list_of_mappings(values: Any) -> bool:
    return isinstance(values, Sequence) and len(values) > 0 and isinstance(values[0], Mapping)


def _transposed(returned: Sequence[Any]) -> dict[str, Any]:
    names = list(returned[0])
    for index, row in enumerate(returned):
        if not isinstance(row, Mapping) or set(row) != set(names):
            found = f"has {sorted(map(str, row))}" if isinstance(row, Mapping) else f"is {type(row).__name__}"
            raise BadAnswer(f"row {index} {found}, row 0 has {sorted(map(str, names))}")
    return {str(name): [row[name] for row in returned] for name in names}


def _by_class(rows: Sequence[Any]) -> Any:
    keys = list(rows[0])
    for index, row in enumerate(rows):
        if not isinstance(row, Mapping) or set(row) != set(keys):
            raise BadAnswer(f"row {index} of '{PROBABILITIES}' has not the classes of row 0")
    return class_names(keys), np.array([[float(row[key]) for key in keys] for row in rows], dtype=float)


def _array(values: Any, name: str) -> np.ndarray:
    values = _unwrapped(values)
    if isinstance(values, np.ndarray):
        return _of_objects(values.tolist(), name) if values.dtype.kind == "O" and values.ndim > 0 else values
    if isinstance(values, (list, tuple)):
        return _of_objects(values, name)
    raise BadAnswer(f"output '{name}' is {type(values).__name__}, not one output per row")


def _unwrapped(values: Any) -> Any:
    """Tensors of torch, sparse matrices of scipy and series of pandas as arrays, without importing any of them."""
    if isinstance(values, (np.ndarray, list, tuple)):
        return values
    if hasattr(values, "detach"):
        return values.detach().cpu().numpy()
    if hasattr(values, "toarray"):
        return values.toarray()
    if hasattr(values, "to_numpy"):
        return values.to_numpy()
    return values


def _of_objects(values: Any, name: str) -> np.ndarray:
    values = [_unwrapped(value) for value in values]
    if _has_text(values):
        return _of_texts(values, name)
    try:
        array = np.asarray(values)
    except (TypeError, ValueError, OverflowError) as error:
        raise BadAnswer(f"the rows of '{name}' have different shapes or types: {error}") from error
    if array.dtype.kind not in "biuf":
        raise BadAnswer(f"{_first_unfit(values, name)}: outputs are numbers, booleans, text, or arrays of them")
    return array


def _has_text(values: Any) -> bool:
    while isinstance(values, (list, tuple, np.ndarray)) and len(values) > 0:
        values = values[0]
    return isinstance(values, (str, bytes))


def _of_texts(values: list[Any], name: str) -> np.ndarray:
    if isinstance(values[0], (str, bytes)):
        array = np.empty(len(values), dtype=object)
        array[:] = values
    else:
        array = np.array(values, dtype=object)
    for index, element in enumerate(array.flat):
        if isinstance(element, (list, tuple, np.ndarray)):
            raise BadAnswer(f"the rows of '{name}' have different shapes")
        if not isinstance(element, (str, bytes)):
            row = index * len(array) // array.size
            raise BadAnswer(f"row {row} of '{name}' is {type(element).__name__}, row 0 text")
    return array


def _first_unfit(values: list[Any], name: str) -> str:
    for index, value in enumerate(values):
        if np.asarray(value).dtype.kind not in "biuf":
            return f"row {index} of '{name}' is {_type(value)}"
    return f"output '{name}' has rows of different types"


def _type(value: Any) -> str:
    if isinstance(value, int):
        return "a number beyond 64 bits"
    return str(value.dtype) if isinstance(value, np.ndarray) else type(value).__name__


def _checked(array: np.ndarray, rows: int, name: str) -> np.ndarray:
    if array.ndim == 0:
        raise BadAnswer(f"output '{name}' is a single value, not one output per row")
    _check_rows(array.shape[0], rows, name)
    if array.dtype.kind == "f" and array.dtype.itemsize > datatypes.FP64.element_bytes:
        array = array.astype(np.float64)
    if array.dtype.kind != "O" and datatypes.of_dtype(array.dtype) is None:
        raise BadAnswer(f"output '{name}' is of dtype {array.dtype}, which the protocol lacks")
    if array.dtype.kind == "f" and array.size and np.isnan(array.min()):  # the least of a NaN is NaN: no second array
        row = int(np.argwhere(np.isnan(array))[0][0])
        raise BadAnswer(f"row {row} of output '{name}' is NaN")
    return array


def _check_rows(found: int, rows: int, name: str) -> None:
    if found != rows:
        raise BadAnswer(f"output '{name}' has {found} rows for a batch of {rows}")


def _describe(array: np.ndarray) -> str:
    return f"{array.dtype} of shape {list(array.shape)}"
