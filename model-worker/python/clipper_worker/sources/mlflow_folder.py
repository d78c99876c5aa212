"""A folder that MLflow saved, by its python_function flavour; the inputs are those of its signature."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Callable

import mlflow.pyfunc
import numpy as np
import pandas
from mlflow.types import DataType, Schema

from clipper_worker import datatypes, signature
from clipper_worker.datatypes import Datatype
from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import ONLY_INPUT, Signature, TensorSpec

_COLUMN_DATATYPES = {
    DataType.boolean: datatypes.BOOL,
    DataType.integer: datatypes.INT32,
    DataType.long: datatypes.INT64,
    DataType.float: datatypes.FP32,
    DataType.double: datatypes.FP64,
    DataType.string: datatypes.BYTES,
}


def load(path: Path, inputs: Signature | None, threads: int | None) -> Model:
    del threads  # by the environment
    loaded = mlflow.pyfunc.load_model(str(path))
    schema = loaded.metadata.get_input_schema()
    if schema is None:
        specs: Signature = inputs or signature.one_vector(datatypes.FP64)
        return Model("mlflow", specs, loaded.predict)
    if schema.is_tensor_spec():
        return Model("mlflow", inputs or _tensors(schema), loaded.predict)
    columns = [_column(column) for column in schema.inputs]
    specs = inputs or _columns(columns)
    return Model("mlflow", specs, _framed(loaded.predict, columns))


def _tensors(schema: Schema) -> Signature:
    tensors: list[Any] = schema.inputs
    return tuple(
        TensorSpec(tensor.name or ONLY_INPUT, _datatype(tensor.type, tensor.name), tuple(tensor.shape[1:]))
        for tensor in tensors
    )


def _datatype(dtype: np.dtype, name: str | None) -> Datatype:
    datatype = datatypes.of_dtype(dtype)
    if datatype is None:
        raise LoadFailure(f"input '{name}' of the signature is {dtype}, which cannot be served")
    return datatype


def _column(column: Any) -> TensorSpec:
    if column.type not in _COLUMN_DATATYPES:
        raise LoadFailure(f"column '{column.name}' of the signature is {column.type}, which cannot be served")
    return TensorSpec(str(column.name), _COLUMN_DATATYPES[column.type], (), optional=not column.required)


def _columns(columns: list[TensorSpec]) -> Signature:
    """One vector where all columns are numbers (doubles if they differ), else a tensor for each column."""
    kinds = {column.datatype for column in columns}
    if datatypes.BYTES in kinds or datatypes.BOOL in kinds:
        return tuple(columns)
    return signature.one_vector(kinds.pop() if len(kinds) == 1 else datatypes.FP64, len(columns))


def _framed(predict: Callable[[Any], Any], columns: list[TensorSpec]) -> Callable[[Any], Any]:
    """MLflow checks a data frame's column types, so each column gets its own."""

    def of_frame(batch: Any) -> Any:
        arrays = batch if isinstance(batch, dict) else {column.name: batch[:, i] for i, column in enumerate(columns)}
        given = [column for column in columns if column.name in arrays]
        return predict(pandas.DataFrame({column.name: _exact(arrays[column.name], column) for column in given}))

    return of_frame


def _exact(values: np.ndarray, column: TensorSpec) -> np.ndarray:
    exact = values.astype(column.datatype.dtype, copy=False)
    if exact.dtype.kind in "iu" and not np.array_equal(exact, values):
        raise ValueError(f"column '{column.name}' takes whole numbers")
    return exact
