from __future__ import annotations

from pathlib import Path

import numpy as np

from tests.support import TestCase, Worker

EXAMPLE = Path(__file__).resolve().parents[3] / "examples/python-model"


class ExampleTest(TestCase):
    def test_the_example_tells_irises_apart(self) -> None:
        with Worker(f"{EXAMPLE / 'model.py'}:predict") as worker:
            client = worker.ready()
            flowers = np.array([[5.1, 3.5, 1.4, 0.2], [6.3, 3.3, 6.0, 2.5]])
            outputs = client.outputs(input=flowers)
            self.assertEqual(["setosa", "virginica"], outputs["label"])
            self.assertEqual([0, 2], [int(np.argmax(row)) for row in outputs["probabilities"]])

    def test_its_pins_are_those_that_are_tested(self) -> None:
        tested = (Path(__file__).resolve().parents[1] / "requirements.txt").read_text().splitlines()
        for pin in (EXAMPLE / "requirements.txt").read_text().splitlines():
            self.assertIn(pin, tested)
