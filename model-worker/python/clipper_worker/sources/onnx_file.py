"""An ONNX file, run by ONNX Runtime."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import onnxruntime

from clipper_worker import datatypes
from clipper_worker.answers import LABEL, PROBABILITIES
from clipper_worker.datatypes import Datatype
from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import ANY_EXTENT, Signature, TensorSpec

_DATATYPES = {
    "tensor(bool)": "BOOL",
    "tensor(uint8)": "UINT8",
    "tensor(uint16)": "UINT16",
    "tensor(uint32)": "UINT32",
    "tensor(uint64)": "UINT64",
    "tensor(int8)": "INT8",
    "tensor(int16)": "INT16",
    "tensor(int32)": "INT32",
    "tensor(int64)": "INT64",
    "tensor(float16)": "FP16",
    "tensor(float)": "FP32",
    "tensor(double)": "FP64",
    "tensor(string)": "BYTES",
}


def load(path: Path, inputs: Signature | None, threads: int | None) -> Model:
    options = onnxruntime.SessionOptions()
    options.add_session_config_entry("session.intra_op.allow_spinning", "0")  # else an idle worker is not idle
    if threads is not None:
        options.intra_op_num_threads = threads
    try:
        session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # its errors have no common type but this one
        raise LoadFailure(f"ONNX Runtime refuses '{path.name}': {str(error).splitlines()[0]}") from error
    arguments = session.get_inputs()
    specs = tuple(_spec(argument) for argument in arguments)
    if inputs is not None and [(spec.datatype, len(spec.shape)) for spec in inputs] != [
        (spec.datatype, len(spec.shape)) for spec in specs
    ]:
        raise LoadFailure(f"'{path.name}' takes {', '.join(map(str, specs))}, not {', '.join(map(str, inputs))}")
    names = [output.name for output in session.get_outputs()]

    def predict(batch: Any) -> Any:
        arrays = batch if isinstance(batch, dict) else {arguments[0].name: batch}
        fed = {spec.name: arrays[spec.name].reshape(-1, 1) if spec.is_one_text else arrays[spec.name] for spec in specs}
        return _outputs(names, session.run(None, fed))

    return Model(platform="onnxruntime_onnx", inputs=specs, predict=predict)


def _spec(argument: Any) -> TensorSpec:
    shape = argument.shape
    if not shape or isinstance(shape[0], int):
        raise LoadFailure(f"input '{argument.name}' of shape {shape} has no open first extent: it takes no batches")
    extents = tuple(extent if isinstance(extent, int) else ANY_EXTENT for extent in shape[1:])
    return TensorSpec(argument.name, _datatype(argument), extents)


def _datatype(argument: Any) -> Datatype:
    if argument.type not in _DATATYPES:
        raise LoadFailure(f"input '{argument.name}' is {argument.type}, which cannot be served")
    return datatypes.named(_DATATYPES[argument.type])


def _outputs(names: list, values: list) -> Any:
    """Named arrays. A sequence of maps is a converted classifier's probabilities, and what is beside it the label."""
    maps = [name for name, value in zip(names, values) if isinstance(value, list)]
    if len(names) == 2 and len(maps) == 1:
        return {PROBABILITIES if name in maps else LABEL: value for name, value in zip(names, values)}
    return dict(zip(names, values))
