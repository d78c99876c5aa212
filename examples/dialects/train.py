"""Train one digit model for each of eight dialects.

A dialect is one of the eight ways to lay a square picture down: turned by quarters, mirrored or
not. Whoever writes in a dialect writes all digits in it. Each model knows its own dialect only,
from the same training rows as the models of the digits example; the held-out rows stay unseen.

Writes ``models/DIALECT/1/model.onnx`` next to this file, and prints how each model does on the
held-out rows of each dialect. Every random choice is seeded.
"""

import sys
from pathlib import Path

import numpy as np
from sklearn.neural_network import MLPClassifier

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent / "digits"))

from train import TRAINING_SEED, check_agreement, predict_with_onnx, split_digits, write_onnx  # noqa: E402

SIDE = 8
MIRRORED = ("upright", "mirrored")
TURNS = (0, 90, 180, 270)


def spoken(pixels: np.ndarray, mirrored: bool, turn: int) -> np.ndarray:
    """The same pictures in a dialect: mirrored left to right first, then turned clockwise."""
    pictures = pixels.reshape(-1, SIDE, SIDE)
    if mirrored:
        pictures = pictures[:, :, ::-1]
    return np.rot90(pictures, k=-(turn // 90), axes=(1, 2)).reshape(-1, SIDE * SIDE)


def main() -> None:
    split = split_digits()
    dialects = {
        f"{MIRRORED[mirrored]}-{turn}": (bool(mirrored), turn)
        for mirrored in range(len(MIRRORED))
        for turn in TURNS
    }
    for name, (mirrored, turn) in dialects.items():
        # On pixels as they are: a scaler that never saw ink in a corner would blow up a turned picture's.
        estimator = MLPClassifier((32,), alpha=0.1, max_iter=800, random_state=TRAINING_SEED)
        estimator.fit(spoken(split.training_pixels, mirrored, turn), split.training_labels)
        path = HERE / "models" / name / "1" / "model.onnx"
        write_onnx(estimator, name, zipmap=False, path=path)
        own = spoken(split.held_out_pixels, mirrored, turn)
        check_agreement(estimator, path, own, *predict_with_onnx(path, own))
        right = [
            (predict_with_onnx(path, spoken(split.held_out_pixels, *other))[0] == split.held_out_labels).mean()
            for other in dialects.values()
        ]
        print(f"{name:13}", " ".join(f"{100 * share:5.1f}" for share in right))


if __name__ == "__main__":
    main()
