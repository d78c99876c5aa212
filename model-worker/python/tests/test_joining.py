"""A worker that tells a node of itself, and a node that answers as the test says."""

from __future__ import annotations

import itertools
import json
import queue
import signal
import socket
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from clipper_worker.failures import LoadFailure
from clipper_worker.joining import Membership, reachable_url
from tests.support import SECONDS, TestCase, Worker
from tests.test_lifetime import IDENTITY


class Node:
    """Remembers what it was asked; answers once ``answers`` is set, where there is one."""

    def __init__(
        self, status: int = 200, answer: dict[str, Any] | None = None, answers: threading.Event | None = None
    ) -> None:
        asked: queue.Queue[tuple[str, dict[str, Any], str | None]] = queue.Queue()

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
                asked.put((self.path, body, self.headers["Authorization"]))
                if answers is not None:
                    answers.wait(SECONDS)
                self.send_response(status)
                self.end_headers()
                self.wfile.write(json.dumps(answer or {"state": "loading"}).encode())

            def log_message(self, *_: object) -> None:
                """Nothing is said."""

        self._asked = asked
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def __enter__(self) -> Node:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    def asked(self) -> tuple[str, dict[str, Any], str | None]:
        return self._asked.get(timeout=SECONDS)

    def asked_within(self, seconds: float) -> tuple[str, dict[str, Any], str | None] | None:
        try:
            return self._asked.get(timeout=seconds)
        except queue.Empty:
            return None


class JoiningTest(TestCase):
    def test_it_announces_itself_again_and_again_and_says_when_it_leaves(self) -> None:
        with Node() as node, Worker(
            "model.py", "--listen", "127.0.0.1:0", "--version", "7", "--join", node.url, files=IDENTITY
        ) as worker:
            worker.ready()
            place = {"model_name": "m", "model_version": "7", "url": "grpc://" + worker.first_line[len("ready ") :]}
            self.assertEqual(("/admin/announce", {**place, "renew": False}, None), node.asked())
            self.assertEqual(("/admin/announce", {**place, "renew": True}, None), node.asked())

            worker.process.send_signal(signal.SIGTERM)

            asked = node.asked()
            while asked[0] == "/admin/announce":  # that the signal has not stopped
                asked = node.asked()
            self.assertEqual(("/admin/leave", place, None), asked)
            self.assertEqual(0, worker.exit_status())

    def test_it_leaves_after_an_announcement_that_is_under_way(self) -> None:
        answers = threading.Event()
        with Node(answers=answers) as node:
            membership = Membership(node.url, None, "m", "1", "grpc://there:1")
            membership.join(self.fail)
            self.assertEqual("/admin/announce", node.asked()[0])
            leaving = threading.Thread(target=membership.leave)
            leaving.start()

            self.assertIsNone(node.asked_within(1.0))
            answers.set()

            self.assertEqual("/admin/leave", node.asked()[0])
            leaving.join(SECONDS)
            self.assertFalse(leaving.is_alive())

    def test_it_ends_when_the_node_does_not_want_it(self) -> None:
        with Node(409, {"error": "Conflict", "cause": "model m:1 is started by nodes"}) as node, Worker(
            "model.py", "--join", node.url, files=IDENTITY
        ) as worker:
            self.assertEqual(1, worker.exit_status())
            self.assertIn("refuses it: model m:1 is started by nodes", worker.log())

    def test_it_shows_its_token(self) -> None:
        files = {**IDENTITY, "token": "secret\n"}
        with Node() as node, Worker("model.py", "--join", node.url, "--token-file", "token", files=files):
            self.assertEqual("Bearer secret", node.asked()[2])

    def test_it_serves_on_while_the_node_is_away(self) -> None:
        with Worker("model.py", "--join", "http://127.0.0.1:9", files=IDENTITY) as worker:
            self.assertTrue(worker.ready())
            self.assertIsNone(worker.process.poll())

    def test_the_node_is_told_an_address_that_it_can_reach(self) -> None:
        self.assertEqual("grpc://unix:/s", reachable_url("unix:/s", None, "http://node:1338"))
        self.assertEqual("grpc://gpu-1:9000", reachable_url("0.0.0.0:9000", "gpu-1:9000", "http://node:1338"))
        self.assertEqual("grpc://10.0.0.3:9000", reachable_url("10.0.0.3:9000", None, "http://192.0.2.1:1338"))
        self.assertEqual("grpc://127.0.0.1:9000", reachable_url("0.0.0.0:9000", None, "http://127.0.0.1:1338"))
        with self.assertRaisesRegex(LoadFailure, "give --listen 0.0.0.0:PORT"):
            reachable_url("127.0.0.1:9000", None, "http://192.0.2.1:1338")
        with self.assertRaisesRegex(LoadFailure, "give --advertise"):
            reachable_url("0.0.0.0:9000", None, "http://no-such-host.invalid:1338")

    def test_what_is_no_address_of_a_node_is_wrong_usage(self) -> None:
        for url in ("node:1338", "node", "ftp://node", "http://", "http://node:port"):
            with self.subTest(url), Worker("model.py", "--join", url, files=IDENTITY) as worker:
                self.assertEqual(2, worker.exit_status())
                self.assertIn(f"'{url}' is no address of a node", worker.log())

    def test_a_garbled_answer_is_no_answer(self) -> None:
        refusals: list[str] = []
        with GarbledNode() as node:
            membership = Membership(node.url, None, "m", "1", "grpc://there:1", renew_seconds=0.01)
            membership.join(refusals.append)
            for _ in range(2 * len(GarbledNode.ANSWERS)):
                self.assertIn(b'"renew": false', node.asked.get(timeout=SECONDS))
            membership.leave()
        self.assertEqual([], refusals)


class GarbledNode:
    """A server of anything but a node's answers, each in its turn."""

    _HEAD = b"HTTP/1.1 200 OK\r\n\r\n"
    ANSWERS = (_HEAD + b"not JSON", _HEAD + b"[1, 2]", _HEAD + b"\xff", b"hello\r\n", b"")

    def __init__(self) -> None:
        self._server = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._server.getsockname()[1]}"
        self.asked: queue.Queue[bytes] = queue.Queue()
        threading.Thread(target=self._serve, daemon=True).start()

    def __enter__(self) -> GarbledNode:
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._server.close()

    def _serve(self) -> None:
        for answer in itertools.cycle(self.ANSWERS):
            try:
                connection, _ = self._server.accept()
            except OSError:  # it is closed
                return
            with connection:
                request = b""
                while not request.endswith(b"}"):
                    request += connection.recv(65536)
                self.asked.put(request)
                connection.sendall(answer)
