"""BentoML: ``BATCH=32 bentoml serve -q bentoml_digits:Digits``."""

import os

import bentoml
import numpy as np
from digits import trained

BATCH = int(os.environ.get("BATCH", "1"))


@bentoml.service(workers=1, traffic={"timeout": 30, "max_concurrency": 256})
class Digits:
    def __init__(self) -> None:
        self.model = trained()

    @bentoml.api(batchable=BATCH > 1, max_batch_size=max(BATCH, 2), max_latency_ms=1000)
    def predict(self, input: np.ndarray) -> np.ndarray:
        return self.model.predict(np.atleast_2d(input))
