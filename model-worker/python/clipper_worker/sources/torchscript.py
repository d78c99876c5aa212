"""A TorchScript module."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import torch

from clipper_worker import datatypes, signature
from clipper_worker.failures import LoadFailure
from clipper_worker.model import Model
from clipper_worker.signature import Signature


def load(path: Path, inputs: Signature | None, threads: int | None) -> Model:
    if threads is not None:
        torch.set_num_threads(threads)
    try:
        module = torch.jit.load(str(path), map_location="cpu").eval()
    except RuntimeError as error:
        raise LoadFailure(
            f"'{path.name}' is no TorchScript module (a state_dict has to be served by a function):"
            f" {str(error).splitlines()[0]}"
        ) from error
    specs = inputs or signature.one_vector(datatypes.FP32)

    def predict(batch: Any) -> Any:
        arrays = [batch.get(spec.name) for spec in specs] if isinstance(batch, dict) else [batch]
        with torch.inference_mode():
            returned = module(*map(_tensor, arrays))
        if isinstance(returned, tuple):
            return {f"output_{index}": tensor for index, tensor in enumerate(returned)}
        return returned

    return Model(platform="pytorch_torchscript", inputs=specs, predict=predict)


def _tensor(array: np.ndarray | None) -> torch.Tensor | None:
    """A copy: a module may write to its input, which the bytes of a request do not allow. None is what is missing."""
    return None if array is None else torch.from_numpy(array.copy())
