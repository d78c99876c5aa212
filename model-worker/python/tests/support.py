"""Workers to test: one in this process for what is said over the channel, real processes for how they begin and end."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import threading
import unittest
from pathlib import Path
from typing import Any, Callable

import grpc
import numpy as np

from clipper_worker import datatypes, protocol, server, signature
from clipper_worker.model import Model
from clipper_worker.model_thread import ModelThread
from clipper_worker.service import Service

PACKAGE_FOLDER = Path(__file__).resolve().parent.parent
SECONDS = 20.0
"""Beyond what anything here takes: a test that fails by it has hung."""


class Client:
    """Speaks the protocol to one worker, with raw contents unless told otherwise."""

    def __init__(self, target: str, name: str = "m") -> None:
        self._channel = grpc.insecure_channel(target, options=[("grpc.max_receive_message_length", -1)])
        self._name = name

    def close(self) -> None:
        self._channel.close()

    def call(self, method: str, request: Any, response: Any, timeout: float = SECONDS, service: str = "") -> Any:
        path = f"/{service or protocol.SERVICE}/{method}"
        return self._channel.unary_unary(path, lambda message: message.SerializeToString(), response.FromString)(
            request, timeout=timeout
        )

    def request(self, **arrays: np.ndarray) -> Any:
        """One input for each array, each with its batch dimension."""
        request = protocol.ModelInferRequest(model_name=self._name)
        for name, array in arrays.items():
            datatype = datatypes.of_dtype(array.dtype)
            assert datatype is not None
            request.inputs.add(name=name, datatype=datatype.name, shape=array.shape)
            request.raw_input_contents.append(raw(array))
        return request

    def infer(self, request: Any, timeout: float = SECONDS) -> Any:
        return self.call("ModelInfer", request, protocol.ModelInferResponse, timeout)

    def outputs(self, **arrays: np.ndarray) -> dict[str, Any]:
        """The outputs by name, as lists."""
        response = self.infer(self.request(**arrays))
        return {
            output.name: _values(output, contents)
            for output, contents in zip(response.outputs, response.raw_output_contents)
        }


def raw(array: np.ndarray) -> bytes:
    if array.dtype != object:
        return array.tobytes()
    blobs = [text.encode() for text in array.ravel()]
    return b"".join(len(blob).to_bytes(4, "little") + blob for blob in blobs)


def texts(*rows: str) -> np.ndarray:
    return np.array(rows, dtype=object).reshape(-1, 1)


def _values(output: Any, contents: bytes) -> Any:
    if output.datatype != "BYTES":
        return np.frombuffer(contents, datatypes.named(output.datatype).dtype).reshape(tuple(output.shape)).tolist()
    values = []
    while contents:
        length = int.from_bytes(contents[:4], "little")
        values.append(contents[4 : 4 + length].decode())
        contents = contents[4 + length :]
    return np.array(values, dtype=object).reshape(tuple(output.shape)).tolist()


class ServedHere:
    """A model behind a server in this process."""

    def __init__(self, predict: Callable[[Any], Any], input_type: str = "doubles", max_waiting: int = 64) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self.thread = ModelThread()
        model = Model("python", signature.parse(input_type), predict)
        service = Service(model, "m", "1")
        self.server = server.start(service, self.thread, max_waiting, f"unix:{self._folder.name}/s")
        self._runner = threading.Thread(target=self.thread.serve)
        self._runner.start()
        self.client = Client(self.server.target)

    def __enter__(self) -> ServedHere:
        return self

    def __exit__(self, *_: object) -> None:
        self.client.close()
        self.server.stop(0).wait(SECONDS)
        self.thread.stop()
        self._runner.join(SECONDS)
        self._folder.cleanup()


class Worker:
    """A worker process in a folder of its own, where ``files`` are written first."""

    def __init__(self, source: str, *options: str, files: dict[str, str] | None = None, wait: bool = True) -> None:
        self._own = tempfile.TemporaryDirectory(dir="/tmp")
        self.folder = Path(self._own.name)
        self._wait = wait
        for name, text in (files or {}).items():
            file = self.folder / name
            file.parent.mkdir(parents=True, exist_ok=True)
            file.write_text(text)
        listen = () if "--listen" in options else ("--listen", f"unix:{self._own.name}/s")
        self._log = Path(self._own.name, "stderr").open("w+")  # noqa: SIM115
        self.process = subprocess.Popen(
            [sys.executable, "-m", "clipper_worker", source, "--name", "m", *listen, *options],
            cwd=self.folder,
            env={**os.environ, "PYTHONPATH": str(PACKAGE_FOLDER)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._log,
            text=True,
        )
        assert self.process.stdin is not None and self.process.stdout is not None
        self.stdin, self.stdout = self.process.stdin, self.process.stdout

    def __enter__(self) -> Worker:
        self.first_line = self.stdout.readline().rstrip("\n") if self._wait else ""
        self.client = Client(self.first_line[len("ready ") :]) if self.first_line.startswith("ready ") else None
        return self

    def __exit__(self, *_: object) -> None:
        if self.client is not None:
            self.client.close()
        self.process.kill()
        self.process.wait(SECONDS)
        for stream in (self.stdin, self.stdout, self._log):
            stream.close()
        self._own.cleanup()

    def exit_status(self) -> int:
        """Waits for the end."""
        return self.process.wait(SECONDS)

    def log(self) -> str:
        self._log.flush()
        return Path(self._log.name).read_text()

    def ready(self) -> Client:
        if self.client is None:
            self.process.wait(SECONDS)
            raise AssertionError(f"the worker did not start:\n{self.log()}")
        return self.client


class TestCase(unittest.TestCase):
    def assert_refused(self, status: grpc.StatusCode, words: str, call: Callable[[], Any]) -> None:
        with self.assertRaises(grpc.RpcError) as refused:
            call()
        self.assertEqual(refused.exception.code(), status, refused.exception.details())
        self.assertIn(words, refused.exception.details())


class HeldTestCase(TestCase):
    """Of a model that returns when the test says so."""

    MAX_WAITING = 2

    def setUp(self) -> None:
        self.began = threading.Semaphore(0)
        self.go_on = threading.Semaphore(0)
        self.most = self.now = self.calls = 0
        self.served = ServedHere(self._held, max_waiting=self.MAX_WAITING)
        self.enterContext(self.served)

    def _held(self, batch: np.ndarray) -> np.ndarray:
        self.calls += 1
        self.now += 1
        self.most = max(self.most, self.now)
        self.began.release()
        self.go_on.acquire(timeout=SECONDS)
        self.now -= 1
        return batch[:, 0]
