"""The logistic regression of ``examples/digits``, trained again by the same recipe on the same rows."""

import numpy as np
from sklearn.datasets import load_digits
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MaxAbsScaler

HELD_OUT_ROWS = 750
SPLIT_SEED = 7


def trained():
    """The fitted pipeline: rows of 64 numbers to digits."""
    pixels, labels = load_digits(return_X_y=True)
    training_pixels, _, training_labels, _ = train_test_split(
        pixels, labels, test_size=HELD_OUT_ROWS, stratify=labels, shuffle=True, random_state=SPLIT_SEED
    )
    return make_pipeline(MaxAbsScaler(), LogisticRegression(max_iter=1000)).fit(training_pixels, training_labels)


class Digits:
    """What ``clipper deploy digits.py:Digits`` serves."""

    def load(self):
        self.model = trained()

    def predict(self, batch: np.ndarray) -> list[int]:
        return self.model.predict(batch).tolist()
