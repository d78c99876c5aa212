"""The budget of threads, of libraries that count cores by themselves."""

from __future__ import annotations

import sys
import types
from unittest import mock

from clipper_worker import thread_budget
from tests.support import TestCase


class ThreadBudgetTest(TestCase):
    def test_torch_is_limited_where_the_model_imported_it(self) -> None:
        asked: list[int] = []
        torch = types.SimpleNamespace(set_num_threads=asked.append)
        with mock.patch.dict(sys.modules, {"torch": torch}):
            thread_budget.limit_torch(3)
        self.assertEqual([3], asked)

    def test_torch_is_not_imported_for_it(self) -> None:
        with mock.patch.dict(sys.modules):
            sys.modules.pop("torch", None)
            thread_budget.limit_torch(3)
            self.assertNotIn("torch", sys.modules)
