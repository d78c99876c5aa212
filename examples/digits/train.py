"""Train the five digit models of the example, break three of them, and measure everything.

Writes, next to this file:

* ``models/NAME/1/model.onnx``: five sound models of different kinds;
* ``models-faulty/NAME/2/model.onnx``: faulty second versions of three of them, each trained
  on labels in which 3 and 8, 1 and 7, 4 and 9 are swapped, so that they make the same
  mistakes and can outvote the two models that stay sound;
* ``held-out.csv``: labelled rows that no model was trained on;
* ``accuracy.json``: the accuracy of every model version and of votes among them.

Every accuracy is measured with ONNX Runtime on the files written, over the held-out rows.
Every random choice is seeded.
"""

import csv
import json
import platform
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

import numpy as np
import onnxruntime
from onnx import ModelProto
from onnx.helper import make_opsetid
from skl2onnx import to_onnx
from skl2onnx.common.data_types import FloatTensorType
from sklearn.base import ClassifierMixin
from sklearn.calibration import CalibratedClassifierCV
from sklearn.datasets import load_digits
from sklearn.ensemble import RandomForestClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler
from sklearn.svm import LinearSVC

HERE = Path(__file__).resolve().parent
SPLIT_SEED = 7
TRAINING_SEED = 0
HELD_OUT_ROWS = 750
PIXELS = 64
DIGITS = 10
SWAPPED_PAIRS = ((3, 8), (1, 7), (4, 9))
OPSETS = {"": 18, "ai.onnx.ml": 3}
PROBABILITY_TOLERANCE = 1e-3
LIBRARIES = ("numpy", "onnx", "onnxruntime", "scikit-learn", "scipy", "skl2onnx")


@dataclass(frozen=True)
class Recipe:
    """How to make one model; ``zipmap`` chooses maps over a tensor for its probabilities."""

    new_estimator: Callable[[], ClassifierMixin]
    zipmap: bool
    turns_faulty: bool


@dataclass(frozen=True)
class Split:
    training_pixels: np.ndarray
    training_labels: np.ndarray
    held_out_pixels: np.ndarray
    held_out_labels: np.ndarray


def new_logistic_regression() -> ClassifierMixin:
    return make_pipeline(MaxAbsScaler(), LogisticRegression(max_iter=1000))


def new_linear_svm() -> ClassifierMixin:
    margin = LinearSVC(C=0.3, random_state=TRAINING_SEED)
    return make_pipeline(MaxAbsScaler(), CalibratedClassifierCV(margin, cv=3, ensemble=False))


def new_random_forest() -> ClassifierMixin:
    return RandomForestClassifier(40, max_leaf_nodes=80, random_state=TRAINING_SEED)


def new_neural_network() -> ClassifierMixin:
    network = MLPClassifier((64,), max_iter=800, random_state=TRAINING_SEED)
    return make_pipeline(MaxAbsScaler(), network)


def new_naive_bayes() -> ClassifierMixin:
    return make_pipeline(MaxAbsScaler(), GaussianNB(var_smoothing=0.1))


RECIPES = {
    "logistic-regression": Recipe(new_logistic_regression, zipmap=True, turns_faulty=True),
    "linear-svm": Recipe(new_linear_svm, zipmap=False, turns_faulty=True),
    "random-forest": Recipe(new_random_forest, zipmap=False, turns_faulty=False),
    "neural-network": Recipe(new_neural_network, zipmap=False, turns_faulty=True),
    "naive-bayes": Recipe(new_naive_bayes, zipmap=True, turns_faulty=False),
}


def split_digits() -> Split:
    pixels, labels = load_digits(return_X_y=True)
    training_pixels, held_out_pixels, training_labels, held_out_labels = train_test_split(
        pixels,
        labels,
        test_size=HELD_OUT_ROWS,
        stratify=labels,
        shuffle=True,
        random_state=SPLIT_SEED,
    )
    return Split(training_pixels, training_labels, held_out_pixels, held_out_labels)


def swap_pairs(labels: np.ndarray) -> np.ndarray:
    partner = np.arange(DIGITS)
    for one, other in SWAPPED_PAIRS:
        partner[one], partner[other] = other, one
    return partner[labels]


def keep_one_import_per_domain(model: ModelProto) -> None:
    versions = {entry.domain: entry.version for entry in model.opset_import}
    del model.opset_import[:]
    model.opset_import.extend(
        make_opsetid(domain, number) for domain, number in sorted(versions.items())
    )


def write_onnx(estimator: ClassifierMixin, name: str, zipmap: bool, path: Path) -> None:
    model = to_onnx(
        estimator,
        name=name,
        initial_types=[("input", FloatTensorType([None, PIXELS]))],
        options={id(estimator): {"zipmap": zipmap}},
        target_opset=OPSETS,
    )
    keep_one_import_per_domain(model)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString(deterministic=True))


def predict_with_onnx(path: Path, pixels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    session = onnxruntime.InferenceSession(str(path), providers=["CPUExecutionProvider"])
    inputs = {session.get_inputs()[0].name: pixels.astype(np.float32)}
    labels, probabilities = session.run(None, inputs)
    if isinstance(probabilities, list):
        probabilities = [[row[digit] for digit in range(DIGITS)] for row in probabilities]
    return labels, np.asarray(probabilities, dtype=np.float32)


def check_agreement(
    estimator: ClassifierMixin, path: Path, pixels: np.ndarray, onnx_labels: np.ndarray,
    onnx_probabilities: np.ndarray,
) -> None:
    if not np.array_equal(estimator.predict(pixels), onnx_labels):
        raise RuntimeError(f"{path}: labels differ between scikit-learn and ONNX Runtime")
    difference = np.abs(estimator.predict_proba(pixels) - onnx_probabilities).max()
    if difference > PROBABILITY_TOLERANCE:
        raise RuntimeError(f"{path}: probabilities differ by {difference}")


def build_version(
    name: str, recipe: Recipe, split: Split, training_labels: np.ndarray, path: Path
) -> np.ndarray:
    """Train, convert and check one model version; return its answers to the held-out rows."""
    estimator = recipe.new_estimator().fit(split.training_pixels, training_labels)
    write_onnx(estimator, name, recipe.zipmap, path)
    labels, probabilities = predict_with_onnx(path, split.held_out_pixels)
    check_agreement(estimator, path, split.held_out_pixels, labels, probabilities)
    return labels


def build_sound_versions(split: Split) -> dict[str, np.ndarray]:
    return {
        name: build_version(
            name, recipe, split, split.training_labels,
            HERE / "models" / name / "1" / "model.onnx",
        )
        for name, recipe in RECIPES.items()
    }


def build_faulty_versions(split: Split) -> dict[str, np.ndarray]:
    return {
        name: build_version(
            name, recipe, split, swap_pairs(split.training_labels),
            HERE / "models-faulty" / name / "2" / "model.onnx",
        )
        for name, recipe in RECIPES.items()
        if recipe.turns_faulty
    }


def vote(answers: Sequence[np.ndarray], weights: Sequence[float]) -> np.ndarray:
    """The label with the most weight behind it in each row; a tie goes to the smaller label."""
    rows = np.arange(len(answers[0]))
    tally = np.zeros((len(rows), DIGITS))
    for labels, weight in zip(answers, weights, strict=True):
        tally[rows, labels] += weight
    return tally.argmax(axis=1)


def uniform_vote(answers: Sequence[np.ndarray]) -> np.ndarray:
    return vote(answers, [1.0] * len(answers))


def accuracy(answers: np.ndarray, labels: np.ndarray) -> float:
    return round(float((answers == labels).mean()), 4)


def measure_votes(
    sound: dict[str, np.ndarray], faulty: dict[str, np.ndarray], labels: np.ndarray
) -> dict[str, float]:
    after_fault = sound | faulty
    pair = [sound[name] for name in sound if name not in faulty]
    pair_weights = [accuracy(answers, labels) for answers in pair]
    return {
        "uniform_vote_before_fault": accuracy(uniform_vote(list(sound.values())), labels),
        "uniform_vote_after_fault": accuracy(uniform_vote(list(after_fault.values())), labels),
        "good_pair_weighted_by_accuracy": accuracy(vote(pair, pair_weights), labels),
        "good_pair_uniform": accuracy(uniform_vote(pair), labels),
    }


def describe_run(
    sound: dict[str, np.ndarray], faulty: dict[str, np.ndarray], labels: np.ndarray
) -> dict[str, object]:
    return {
        "held_out_rows": len(labels),
        "models": {
            name: {"1": accuracy(sound[name], labels)}
            | ({"2": accuracy(faulty[name], labels)} if name in faulty else {})
            for name in sound
        },
        "votes": measure_votes(sound, faulty, labels),
        "faulty_models": list(faulty),
        "good_pair": [name for name in sound if name not in faulty],
        "swapped_pairs": SWAPPED_PAIRS,
        "seeds": {"split": SPLIT_SEED, "training": TRAINING_SEED},
        "versions": {"python": platform.python_version()}
        | {library: version(library) for library in LIBRARIES},
    }


def write_held_out_rows(split: Split, path: Path) -> None:
    with path.open("w", newline="", encoding="ascii") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["label", *(f"p{pixel}" for pixel in range(PIXELS))])
        for label, pixels in zip(split.held_out_labels, split.held_out_pixels, strict=True):
            writer.writerow([label, *(f"{pixel:g}" for pixel in pixels)])


def main() -> None:
    split = split_digits()
    write_held_out_rows(split, HERE / "held-out.csv")
    sound = build_sound_versions(split)
    faulty = build_faulty_versions(split)
    report = json.dumps(describe_run(sound, faulty, split.held_out_labels), indent=2) + "\n"
    (HERE / "accuracy.json").write_text(report, encoding="ascii")
    print(report, end="")


if __name__ == "__main__":
    main()
