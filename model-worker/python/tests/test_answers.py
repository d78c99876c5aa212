"""What a function may return, and the words for what it may not."""

from __future__ import annotations

import unittest
from typing import Any

import numpy as np
import pandas
from scipy import sparse

from clipper_worker import answers
from clipper_worker.failures import BadAnswer


def arrays(returned: Any, rows: int) -> dict[str, Any]:
    columns = answers.read(returned, rows).columns
    return {name: (array.dtype.kind, array.tolist()) for name, array in columns.items()}


class AnswersTest(unittest.TestCase):
    def test_numbers_labels_and_arrays(self) -> None:
        self.assertEqual({"output": ("f", [1.5, 2.0])}, arrays([1.5, 2], 2))
        self.assertEqual({"output": ("i", [1, 2])}, arrays((1, 2), 2))
        self.assertEqual({"output": ("b", [True, False])}, arrays([True, False], 2))
        self.assertEqual({"output": ("O", ["cat", "a\0"])}, arrays(["cat", "a\0"], 2))
        self.assertEqual({"output": ("O", [b"\xff\0", b""])}, arrays([b"\xff\0", b""], 2))
        self.assertEqual({"output": ("U", ["cat", "dog"])}, arrays(np.array(["cat", "dog"]), 2))
        self.assertEqual({"output": ("f", [[1.0, 2.0], [3.0, 4.0]])}, arrays(np.array([[1.0, 2], [3, 4]]), 2))
        self.assertEqual({"output": ("f", [[1.0, 2.0], [3.0, 4.0]])}, arrays([np.array([1.0, 2]), [3.0, 4]], 2))
        self.assertEqual({"output": ("O", [["a", "b"], ["c", "d"]])}, arrays([["a", "b"], ["c", "d"]], 2))
        self.assertEqual({"output": ("i", [1, 2])}, arrays(np.array([1, 2], dtype=object), 2))

    def test_named_outputs_by_column_or_by_row(self) -> None:
        named = {"label": ("O", ["cat", "dog"]), "score": ("f", [0.9, 0.8])}
        self.assertEqual(named, arrays({"label": ["cat", "dog"], "score": np.array([0.9, 0.8])}, 2))
        self.assertEqual(named, arrays([{"label": "cat", "score": 0.9}, {"score": 0.8, "label": "dog"}], 2))

    def test_data_frames_series_and_sparse_matrices(self) -> None:
        frame = pandas.DataFrame({"a": [1.0, 2.0], "b": ["x", "y"]})
        self.assertEqual({"a": ("f", [1.0, 2.0]), "b": ("O", ["x", "y"])}, arrays(frame, 2))
        self.assertEqual({"output": ("f", [1.0, 2.0])}, arrays(frame[["a"]], 2))
        self.assertEqual({"output": ("f", [1.0, 2.0])}, arrays(frame["a"], 2))
        self.assertEqual({"output": ("f", [[1.0, 0.0], [0.0, 1.0]])}, arrays(sparse.eye(2, format="csr"), 2))

    def test_probabilities_by_class_name_their_classes(self) -> None:
        answer = answers.read({"label": ["cat"], "probabilities": [{"cat": 0.75, "dog": 0.25}]}, 1)
        self.assertEqual(["cat", "dog"], answer.classes)
        self.assertEqual([[0.75, 0.25]], answer.columns["probabilities"].tolist())

    def test_probabilities_alone_get_the_likeliest_label(self) -> None:
        answer = answers.read({"probabilities": np.array([[0.2, 0.8], [0.7, 0.3]])}, 2, ["no", "yes"])
        self.assertEqual(["label", "probabilities"], list(answer.columns))
        self.assertEqual(["yes", "no"], answer.columns["label"].tolist())

    def test_what_is_not_one_output_per_row_is_refused(self) -> None:
        cases: list[tuple[Any, str]] = [
            ([1.0], "output 'output' has 1 rows for a batch of 2"),
            (np.zeros(3), "output 'output' has 3 rows for a batch of 2"),
            ({"a": [1, 2], "b": [1]}, "output 'b' has 1 rows for a batch of 2"),
            ([{"a": 1}], "output 'output' has 1 rows for a batch of 2"),
            (1.0, "output 'output' is float, not one output per row"),
            (None, "output 'output' is NoneType, not one output per row"),
            ("ab", "output 'output' is str, not one output per row"),
            (np.float64(1), "not one output per row"),
            (np.array(1.0), "a single value, not one output per row"),
            ((value for value in (1, 2)), "is generator, not one output per row"),
            ({}, "the model returned no output"),
            ([1.0, None], "row 1 of 'output' is NoneType"),
            ([object(), 1], "row 0 of 'output' is object"),
            (["a", 1], "row 1 of 'output' is int, row 0 text"),
            ([1, "a"], "row 1 of 'output' is str"),
            ([[1, 2], [3]], "the rows of 'output' have different shapes"),
            ([["a", "b"], ["c"]], "the rows of 'output' have different shapes"),
            ([{"a": 1}, {"b": 1}], "row 1 has ['b'], row 0 has ['a']"),
            ([{"a": 1}, 2], "row 1 is int, row 0 has ['a']"),
            ([1, 2**70], "row 1 of 'output' is a number beyond 64 bits"),
            ([1j, 2j], "row 0 of 'output' is complex"),
            (np.array(["2026-01-01", "2026-01-02"], "datetime64[D]"), "dtype datetime64[D], which the protocol lacks"),
            ({"probabilities": [{"a": 1.0}, {"b": 1.0}]}, "row 1 of 'probabilities' has not the classes of row 0"),
        ]
        for returned, words in cases:
            with self.subTest(words), self.assertRaises(BadAnswer) as refused:
                answers.read(returned, 2)
            self.assertIn(words, str(refused.exception))

    def test_not_a_number_is_no_answer_but_infinity_is(self) -> None:
        with self.assertRaises(BadAnswer) as refused:
            answers.read({"a": [1.0, 2.0], "b": [[0.0, 1.0], [np.inf, np.nan]]}, 2)
        self.assertEqual("row 1 of output 'b' is NaN", str(refused.exception))
        self.assertEqual({"output": ("f", [np.inf, -np.inf])}, arrays([np.inf, -np.inf], 2))

    def test_probabilities_have_a_column_for_each_class(self) -> None:
        with self.assertRaises(BadAnswer) as refused:
            answers.read({"probabilities": np.zeros((2, 3))}, 2, ["no", "yes"])
        self.assertIn("float64 of shape [2, 3] for 2 classes", str(refused.exception))
