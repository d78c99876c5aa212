"""Batches over the socket beside the server's."""

from __future__ import annotations

import fcntl
import os
import select
import socket
import struct
import termios
import time
from pathlib import Path

import grpc
import numpy as np

from clipper_worker import protocol
from clipper_worker.frames import SUFFIX
from tests.support import SECONDS, Client, HeldTestCase, TestCase, Worker
from tests.test_failures import SOURCE, asking
from tests.test_python_source import dedented

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]])
OK, INTERNAL = grpc.StatusCode.OK.value[0], grpc.StatusCode.INTERNAL.value[0]


class Connection:
    """As a node has several."""

    def __init__(self, path: str, client: Client) -> None:
        self._client = client
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.settimeout(SECONDS)
        self.socket.connect(path)

    def __enter__(self) -> Connection:
        return self

    def __exit__(self, *_: object) -> None:
        self.socket.close()

    def send(self, array: np.ndarray, seconds: float = SECONDS) -> None:
        self.socket.sendall(self.frame(self._client.request(input=array).SerializeToString(), seconds))

    def frame(self, message: bytes, seconds: float = SECONDS) -> bytes:
        return struct.pack(">IQ", len(message), int((time.time() + seconds) * 1e6)) + message

    def answer(self) -> tuple[int, bytes]:
        length, status = struct.unpack(">IB", self._read(5))
        return status, self._read(length)

    def received(self) -> list[float]:
        status, body = self.answer()
        assert status == OK, body
        return np.frombuffer(protocol.ModelInferResponse.FromString(body).raw_output_contents[0], np.float64).tolist()

    def ask(self, array: np.ndarray) -> list[float]:
        self.send(array)
        return self.received()

    def wait_until_read(self) -> None:
        give_up = time.monotonic() + SECONDS
        while struct.unpack("i", fcntl.ioctl(self.socket, termios.TIOCOUTQ, bytes(4)))[0]:
            assert time.monotonic() < give_up, "what was sent is not read"

    def is_ended(self) -> bool:
        try:
            return self.socket.recv(1) == b""
        except ConnectionResetError:  # what was sent has not been read
            return True

    def _read(self, length: int) -> bytes:
        read = b""
        while len(read) < length:
            some = self.socket.recv(length - len(read))
            assert some, "the connection has ended"
            read += some
        return read


class FramesTest(TestCase):
    worker: Worker
    client: Client

    @classmethod
    def setUpClass(cls) -> None:
        cls.worker = cls.enterClassContext(Worker("model.py", files={"model.py": SOURCE}))
        cls.client = cls.worker.ready()

    def _connection(self) -> Connection:
        return self.enterContext(Connection(f"{self.worker.folder}/s{SUFFIX}", self.client))

    def test_one_batch_after_another(self) -> None:
        connection = self._connection()
        self.assertEqual([[0.0, 0.0], [8.0, 8.0]], [connection.ask(asking(what)) for what in (0, 8)])

    def test_a_failed_batch_is_refused_and_the_next_is_answered(self) -> None:
        connection = self._connection()
        connection.send(asking(1))
        self.assertEqual((INTERNAL, b"ValueError: feature 3 is out of range"), connection.answer())
        self.assertEqual([8.0, 8.0], connection.ask(asking(8)))
        self.assertIn("feature 3 is out of range", self.worker.log())

    def test_words_that_are_no_unicode_arrive_as_far_as_they_can(self) -> None:
        source = "def predict(batch):\n    raise ValueError('caf\\u00e9 ' + chr(0xD800))\n"
        worker = self.enterContext(Worker("model.py", files={"model.py": source}))
        connection = self.enterContext(Connection(f"{worker.folder}/s{SUFFIX}", worker.ready()))
        for _ in range(2):
            connection.send(ROWS)
            self.assertEqual((INTERNAL, "ValueError: café ?".encode()), connection.answer())

    def test_what_ends_a_program_ends_no_worker(self) -> None:
        source = dedented("""
            import signal

            signal.signal(signal.SIGPIPE, signal.SIG_DFL)

            class Answer:
                def to_numpy(self):
                    raise SystemExit("enough")

            def predict(batch):
                if batch[0, 0] == 2:
                    open("gate").read()
                    return batch[:, 0]
                return Answer() if batch[0, 0] == 1 else batch[:, 0]
            """)
        worker = self.enterContext(Worker("model.py", files={"model.py": source}))
        connection = self.enterContext(Connection(f"{worker.folder}/s{SUFFIX}", worker.ready()))
        connection.send(asking(1))
        status, words = connection.answer()
        self.assertEqual(INTERNAL, status)
        self.assertIn(b"SystemExit: enough", words)
        late = self.enterContext(Connection(f"{worker.folder}/s{SUFFIX}", worker.ready()))
        gate = Path(worker.folder, "gate")
        os.mkfifo(gate)
        late.send(asking(2))
        with gate.open("w"):  # once the model reads it
            late.socket.close()  # nobody takes the answer
        self.assertEqual([8.0, 8.0], connection.ask(asking(8)))

    def test_a_file_that_is_no_socket_stays(self) -> None:
        with Worker("model.py", files={"model.py": SOURCE, f"s{SUFFIX}": "mine"}) as worker:
            self.assertEqual([protocol.STREAMS], self._extensions(worker))
            self.assertEqual("mine", Path(worker.folder, f"s{SUFFIX}").read_text())
            self.assertIn("batches come by calls only", worker.log())

    def test_a_batch_of_another_shape_is_refused(self) -> None:
        connection = self._connection()
        connection.send(np.zeros(3))
        status, words = connection.answer()
        self.assertEqual(grpc.StatusCode.INVALID_ARGUMENT.value[0], status)
        self.assertIn(b"has shape [3], expected [-1, -1]", words)

    def test_what_is_no_message_is_refused(self) -> None:
        connection = self._connection()
        connection.socket.sendall(connection.frame(b"\xff\xff"))
        status, words = connection.answer()
        self.assertEqual(INTERNAL, status)
        self.assertIn(b"the request cannot be read", words)
        self.assertEqual([8.0, 8.0], connection.ask(asking(8)))

    def test_a_length_that_no_message_has_ends_its_connection_and_no_other(self) -> None:
        connection, other = self._connection(), self._connection()
        connection.socket.sendall(struct.pack(">IQ", (1 << 32) - 1, 0))
        self.assertTrue(connection.is_ended())
        self.assertEqual([8.0, 8.0], other.ask(asking(8)))

    def test_a_large_batch(self) -> None:
        rows = np.zeros((20_000, 100))
        self.assertEqual([0.0] * len(rows), self._connection().ask(rows))

    def test_a_batch_that_comes_in_pieces(self) -> None:
        connection = self._connection()
        frame = connection.frame(self.client.request(input=asking(8)).SerializeToString())
        for piece in (frame[:3], frame[3:20], frame[20:]):
            connection.socket.sendall(piece)
            connection.wait_until_read()
        self.assertEqual([8.0, 8.0], connection.received())

    def test_calls_are_answered_beside_them(self) -> None:
        connection = self._connection()
        for _ in range(3):
            self.assertEqual([8.0, 8.0], connection.ask(asking(8)))
            self.assertEqual({"output": [0.0, 0.0]}, self.client.outputs(input=asking(0)))

    def test_idle_ones_hold_up_no_end_and_the_socket_is_gone_then(self) -> None:
        with Worker("model.py", "--grace", str(3 * SECONDS), files={"model.py": SOURCE}) as worker:
            with Connection(f"{worker.folder}/s{SUFFIX}", worker.ready()) as connection:
                connection.ask(asking(0))
                worker.stdin.close()
                self.assertEqual(0, worker.exit_status())
                self.assertTrue(connection.is_ended())
            self.assertFalse(Path(worker.folder, f"s{SUFFIX}").exists())

    def test_the_server_says_whether_it_has_them(self) -> None:
        self.assertEqual([protocol.STREAMS, protocol.FRAMES], self._extensions(self.worker))
        for options in (["--listen", "127.0.0.1:0"], ["--concurrency", "2"]):
            with Worker("model.py", *options, files={"model.py": SOURCE}) as worker:
                self.assertEqual([protocol.STREAMS], self._extensions(worker))

    @staticmethod
    def _extensions(worker: Worker) -> list[str]:
        request, response = protocol.ServerMetadataRequest(), protocol.ServerMetadataResponse
        return list(worker.ready().call("ServerMetadata", request, response).extensions)


class HeldFramesTest(HeldTestCase):
    def _connection(self) -> Connection:
        return self.enterContext(Connection(self.served.server.target[len("unix:") :] + SUFFIX, self.served.client))

    def _sent(self, seconds: float = SECONDS) -> Connection:
        connection = self._connection()
        connection.send(ROWS, seconds)
        return connection

    def _two(self, seconds: float = SECONDS) -> tuple[Connection, Connection]:
        """One that is being answered, and one that waits for it."""
        first = self._sent()
        self.began.acquire(timeout=SECONDS)
        return first, self._sent(seconds)

    def test_the_model_is_called_for_one_at_a_time(self) -> None:
        first, second = self._two()
        self.go_on.release(2)
        self.assertEqual([[1.0, 3.0]] * 2, [first.received(), second.received()])
        self.assertEqual((2, 1), (self.calls, self.most))

    def test_who_was_answered_longest_ago_is_first(self) -> None:
        self.go_on.release(2)
        early, late, running = (self._connection() for _ in range(3))
        early.ask(ROWS)
        late.ask(ROWS)
        running.send(ROWS)
        for _ in range(3):
            self.began.acquire(timeout=SECONDS)
        late.send(ROWS)
        early.send(ROWS)
        self.go_on.release(2)
        running.received()
        early.received()
        self.assertFalse(select.select([late.socket], [], [], 0)[0])
        self.go_on.release()
        late.received()

    def test_a_batch_that_does_not_return_is_seen(self) -> None:
        first = self._sent()
        self.began.acquire(timeout=SECONDS)
        self.assertGreater(self.served.thread.standstill, 0)
        self.go_on.release()
        first.received()

    def test_what_waited_beyond_its_time_is_not_computed(self) -> None:
        first, second = self._two(seconds=0)
        self.go_on.release(2)
        self.assertEqual([1.0, 3.0], first.received())
        status, words = second.answer()
        self.assertEqual(grpc.StatusCode.DEADLINE_EXCEEDED.value[0], status)
        self.assertIn(b"the deadline passed", words)
        self.assertEqual(1, self.calls)

    def test_what_nobody_waits_for_any_more_is_not_computed(self) -> None:
        first, second = self._two()
        second.socket.close()
        self.go_on.release(2)
        self.assertEqual([1.0, 3.0], first.received())
        self.assertEqual([1.0, 3.0], self._sent().received())
        self.assertEqual(2, self.calls)

    def test_one_beyond_the_most_is_ended(self) -> None:
        self.go_on.release(66)
        open_ones = [self._sent() for _ in range(64)]
        for connection in open_ones:
            self.assertEqual([1.0, 3.0], connection.received())
        self.assertTrue(self._connection().is_ended())
        open_ones[0].socket.close()
        # Of which the worker has heard when it answers another.
        self.assertEqual([1.0, 3.0], open_ones[1].ask(ROWS))
        self.assertEqual([1.0, 3.0], self._sent().received())

    def test_what_is_being_answered_at_the_end_is_answered_still(self) -> None:
        idle = self._connection()
        self.go_on.release()
        idle.ask(ROWS)
        self.began.acquire(timeout=SECONDS)
        first = self._sent()
        self.began.acquire(timeout=SECONDS)
        stopped = self.served.server.stop(SECONDS)
        self.assertFalse(stopped.is_set())
        self.go_on.release()
        self.assertEqual([1.0, 3.0], first.received())
        self.assertTrue(stopped.wait(SECONDS))
        self.assertTrue(idle.is_ended())
