"""A model that fails: the batch does, in the model's words, and the worker goes on."""

from __future__ import annotations

import grpc
import numpy as np

from clipper_worker.tracebacks import Tracebacks
from tests.support import TestCase, Worker
from tests.test_python_source import dedented

SOURCE = dedented("""
    import sys

    import numpy as np

    def predict(batch):
        what = batch[0, 0]
        if what == 1:
            raise ValueError("feature 3 is out of range")
        if what == 2:
            return batch[1:, 0]
        if what == 3:
            return np.full(len(batch), np.nan)
        if what == 4:
            sys.exit("enough")
        if what == 5:
            raise KeyError("x" * 10_000)
        if what == 6:
            batch[0, 0] = 0
        if what == 7:
            return [chr(0xD800)] * len(batch)
        print("printed")
        return batch[:, 0]
    """)


def asking(what: int) -> np.ndarray:
    return np.full((2, 3), float(what))


class FailuresTest(TestCase):
    def setUp(self) -> None:
        self.worker = Worker("model.py", files={"model.py": SOURCE})
        self.enterContext(self.worker)
        self.client = self.worker.ready()

    def assert_fails(self, what: int, words: str) -> None:
        self.assert_refused(grpc.StatusCode.INTERNAL, words, lambda: self.client.outputs(input=asking(what)))

    def test_a_failed_batch_fails_alone(self) -> None:
        self.assert_fails(1, "ValueError: feature 3 is out of range")
        self.assert_fails(2, "output 'output' has 1 rows for a batch of 2")
        self.assert_fails(3, "row 0 of output 'output' is NaN")
        self.assert_fails(4, "SystemExit: enough")
        self.assert_fails(6, "assignment destination is read-only")
        self.assert_fails(7, "the answer cannot be read: UnicodeEncodeError")
        self.assertEqual({"output": [0.0, 0.0]}, self.client.outputs(input=asking(0)))
        self.assertIsNone(self.worker.process.poll())

    def test_a_long_message_is_cut_so_that_it_arrives(self) -> None:
        self.assert_fails(5, "xxx…")

    def test_the_log_has_the_traceback_of_the_models_own_lines(self) -> None:
        self.assert_fails(1, "ValueError")
        log = self.worker.log()
        self.assertIn('raise ValueError("feature 3 is out of range")', log)
        self.assertIn("model.py", log)
        self.assertNotIn("clipper_worker/service.py", log)

    def test_what_the_model_prints_is_in_the_log(self) -> None:
        self.client.outputs(input=asking(0))
        self.assertIn("printed", self.worker.log())


class CoroutinesTest(TestCase):
    def test_one_that_exits_fails_its_batch_and_no_other(self) -> None:
        source = """
            import asyncio
            import sys

            async def exits():
                sys.exit("enough")

            async def predict(batch):
                if batch[0, 0] == 4:
                    await exits()
                if batch[0, 0] == 5:
                    await asyncio.wait([asyncio.create_task(exits())])
                return batch[:, 0]
            """
        with Worker("model.py", files={"model.py": dedented(source)}) as worker:
            client = worker.ready()
            words = "SystemExit: enough"
            self.assert_refused(grpc.StatusCode.INTERNAL, words, lambda: client.outputs(input=asking(4)))
            self.assertEqual({"output": [5.0, 5.0]}, client.outputs(input=asking(5)))
            self.assertEqual({"output": [0.0, 0.0]}, client.outputs(input=asking(0)))

    def test_one_that_exits_while_it_loads_ends_the_worker_and_says_why(self) -> None:
        source = """
            import sys

            class Model:
                async def load(self):
                    sys.exit("no weights")

                def predict(self, batch):
                    return batch[:, 0]
            """
        with Worker("model.py", files={"model.py": dedented(source)}) as worker:
            self.assertEqual(1, worker.exit_status())
            self.assertIn("SystemExit: no weights", worker.log())


class TracebacksTest(TestCase):
    def test_the_same_error_at_once_is_counted(self) -> None:
        now = 0.0
        tracebacks = Tracebacks(lambda: now)
        with self.assertLogs("clipper_worker") as logged:
            for _ in range(3):
                tracebacks.log(ValueError("a"))
            now = 10.0
            tracebacks.log(ValueError("a"))
            tracebacks.log(ValueError("b"))
        first_lines = [record.getMessage().split("\n")[0] for record in logged.records]
        self.assertEqual(
            [
                "a batch failed: ValueError: a",
                "the same failed 2 more batches",
                "a batch failed: ValueError: a",
                "a batch failed: ValueError: b",
            ],
            first_lines,
        )
