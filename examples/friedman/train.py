"""Train three regressors on Friedman's first function.

y = 10 sin(pi x1 x2) + 20 (x3 - 0.5)^2 + 10 x4 + 5 x5 + noise, with ten uniform inputs of which
five say nothing and Gaussian noise of 1 (Friedman: Multivariate adaptive regression splines,
Annals of Statistics 1991; scikit-learn's ``make_friedman1``). The target is divided by ten, so
that a squared loss of 1 is as bad as can be.

Writes ``models/NAME/1/model.onnx`` next to this file, and prints the root mean squared error of
each on rows of another seed. Every random choice is seeded.
"""

import sys
from pathlib import Path

import numpy as np
import onnxruntime
from onnx.helper import make_opsetid
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import RegressorMixin
from sklearn.datasets import make_friedman1
from sklearn.ensemble import GradientBoostingRegressor, RandomForestRegressor
from sklearn.linear_model import Ridge

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "digits"))

from train import OPSETS, TRAINING_SEED, keep_one_import_per_domain  # noqa: E402

INPUTS = 10
ROWS = 2000
SCALE = 10
TOLERANCE = 1e-3

RECIPES = {
    "ridge": lambda: Ridge(),
    "random-forest": lambda: RandomForestRegressor(30, max_leaf_nodes=80, random_state=TRAINING_SEED),
    "gradient-boosting": lambda: GradientBoostingRegressor(random_state=TRAINING_SEED),
}


def rows(seed: int) -> tuple[np.ndarray, np.ndarray]:
    inputs, targets = make_friedman1(ROWS, n_features=INPUTS, noise=1.0, random_state=seed)
    return inputs, targets / SCALE


def write_onnx(estimator: RegressorMixin, name: str, path: Path) -> None:
    model = to_onnx(
        estimator,
        name=name,
        initial_types=[("input", FloatTensorType([None, INPUTS]))],
        target_opset=OPSETS,
    )
    keep_one_import_per_domain(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def predict_with_onnx(path: Path, inputs: np.ndarray) -> np.ndarray:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    return session.run(None, {session.get_inputs()[0].name: inputs.astype(np.float32)})[0].ravel()


def main() -> None:
    training_inputs, training_targets = rows(1)
    inputs, targets = rows(2)
    for name, new_estimator in RECIPES.items():
        estimator = new_estimator().fit(training_inputs, training_targets)
        path = HERE / "models" / name / "1" / "model.onnx"
        write_onnx(estimator, name, path)
        answers = predict_with_onnx(path, inputs)
        # A forest's threshold may lie between a number and its nearest float: few rows may differ, and by little.
        far = np.abs(answers - estimator.predict(inputs)) > TOLERANCE
        if far.mean() > 0.01:
            raise RuntimeError(f"{path}: {far.sum()} answers differ between scikit-learn and ONNX Runtime")
        print(f"{name:18} {np.sqrt(((answers - targets) ** 2).mean()):.4f}")


if __name__ == "__main__":
    main()
