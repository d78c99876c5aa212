"""Sources that cannot be served: the worker ends, and its last words say why."""

from __future__ import annotations

import socket
import unittest

from tests.support import TestCase, Worker


class LoadingTest(TestCase):
    def assert_cannot(self, words: str, source: str, files: dict[str, str], *options: str) -> None:
        with self.subTest(words), Worker(source, *options, files=files) as worker:
            self.assertEqual("", worker.first_line)
            self.assertEqual(1, worker.exit_status())
            last_line = worker.log().splitlines()[-1]
            self.assertTrue(last_line.startswith(f"clipper-worker: cannot serve {source}: "), last_line)
            self.assertIn(words, last_line)

    def test_sources_that_are_not_there(self) -> None:
        self.assert_cannot("there is no file or folder 'absent.py'", "absent.py:predict", {})
        self.assert_cannot("ModuleNotFoundError: No module named 'absent'", "absent", {})
        self.assert_cannot("m has no predikt; it has predict", "m.py:predikt", {"m.py": "def predict(b): return b"})
        self.assert_cannot("m has no predict or Model or model; it has nothing", "m.py", {"m.py": "x = 1"})
        self.assert_cannot("has no __init__.py, model.py or MLmodel", "folder", {"folder/other.py": ""})
        self.assert_cannot("is of no known kind", "model.bin", {"model.bin": ""})

    def test_sources_that_break(self) -> None:
        self.assert_cannot("No module named 'no_such_library'", "m.py", {"m.py": "import no_such_library"})
        self.assert_cannot("SyntaxError", "m.py", {"m.py": "def predict(batch:\n"})
        self.assert_cannot("RuntimeError: no weights", "m.py", {"m.py": LOADS_NOT})
        self.assert_cannot("SystemExit: 3", "m.py", {"m.py": "import sys\nsys.exit(3)"})
        self.assert_cannot("a int can neither be called", "m.py:predict", {"m.py": "predict = 1"})
        self.assert_cannot(
            "input type 'triples'", "m.py", {"m.py": "def predict(b): return b\npredict.input_type='triples'"}
        )

    def test_the_traceback_is_in_the_log(self) -> None:
        with Worker("m.py", files={"m.py": LOADS_NOT}) as worker:
            worker.exit_status()
            self.assertIn('raise RuntimeError("no weights")', worker.log())

    def test_files_that_are_not_what_they_are_called(self) -> None:
        self.assert_cannot("UnpicklingError", "m.pkl", {"m.pkl": "xyz"})
        self.assert_cannot("is no XGBoost model", "m.ubj", {"m.ubj": "xyz"})
        self.assert_cannot("is no LightGBM model", "m.txt", {"m.txt": "xyz"})
        self.assert_cannot("ONNX Runtime refuses 'm.onnx'", "m.onnx", {"m.onnx": "xyz"})
        self.assert_cannot("'predict' can only be in Python source", "m.onnx:predict", {"m.onnx": "xyz"})

    def test_a_library_that_is_not_there_is_named(self) -> None:
        self.assert_cannot("'m.pt' needs the package 'torch'", "m.pt", {"m.pt": ""})

    def test_places_where_it_cannot_listen(self) -> None:
        files = {"m.py": "def predict(b): return b"}
        self.assert_cannot("longer than 107 bytes", "m.py", files, "--listen", f"unix:/tmp/{'x' * 120}")
        self.assert_cannot("cannot listen on unix:/no/such/s", "m.py", files, "--listen", "unix:/no/such/s")
        with socket.create_server(("127.0.0.1", 0)) as taken:
            address = f"127.0.0.1:{taken.getsockname()[1]}"
            self.assert_cannot(f"cannot listen on {address}", "m.py", files, "--listen", address)

    def test_wrong_usage_is_told_apart(self) -> None:
        with Worker("m.py", "--threads", "0", files={"m.py": ""}) as worker:
            self.assertEqual(2, worker.exit_status())


LOADS_NOT = """class Model:
    def load(self):
        raise RuntimeError("no weights")

    def predict(self, batch):
        return batch
"""

if __name__ == "__main__":
    unittest.main()
