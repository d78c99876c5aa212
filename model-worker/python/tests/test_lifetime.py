"""When a worker begins and ends, in real processes."""

from __future__ import annotations

import os
import signal
import threading
import time
from pathlib import Path
from typing import Callable

import grpc
import numpy as np

from clipper_worker import lifetime, protocol
from tests.support import SECONDS, Client, TestCase, Worker
from tests.test_python_source import dedented

IDENTITY = {"model.py": "def predict(batch):\n    return batch[:, 0]\n"}
ROWS = np.array([[1.0], [2.0]])

# Says through a file that it has begun, and goes on when another appears.
HELD = {
    "model.py": dedented("""
        import pathlib
        import time

        def predict(batch):
            pathlib.Path("began").touch()
            while not pathlib.Path("go-on").exists():
                time.sleep(0.01)
            return batch[:, 0]
        """)
}


# Each starts a process that goes on by itself, and says its number in a file.
STARTING = {
    "a command": """
        import subprocess
        child = subprocess.Popen(["sleep", "600"])
        """,
    "one that will not be asked": """
        import subprocess
        child = subprocess.Popen(["sh", "-c", "trap '' TERM; exec sleep 600"])
        """,
    "a copy of the worker": """
        import multiprocessing
        import time
        child = multiprocessing.get_context("fork").Process(target=time.sleep, args=(600,))
        child.start()
        """,
    "one whose parent has ended": """
        import subprocess
        import types
        shell = subprocess.run(["sh", "-c", "sleep 600 > /dev/null & echo $!"], stdout=subprocess.PIPE, check=True)
        child = types.SimpleNamespace(pid=int(shell.stdout))
        """,
    "one that leaves the session": """
        import subprocess
        child = subprocess.Popen(["sleep", "600"], start_new_session=True)
        """,
    "one that leaves the session and whose parent has ended": """
        import subprocess
        import types
        shell = subprocess.run(["sh", "-c", "setsid sleep 600 > /dev/null & echo $!"], stdout=subprocess.PIPE, check=True)
        child = types.SimpleNamespace(pid=int(shell.stdout))
        """,
}
SAYING = "\nimport pathlib\npathlib.Path('child').write_text(str(child.pid))\n"


class LifetimeTest(TestCase):
    def test_what_the_model_started_ends_with_it(self) -> None:
        for what, source in STARTING.items():
            files = {"model.py": dedented(source) + SAYING + IDENTITY["model.py"]}
            with self.subTest(what), Worker("model.py", files=files) as worker:
                worker.ready()
                child = int((worker.folder / "child").read_text())
                self.assertTrue(is_running(child))
                worker.stdin.close()
                self.assertEqual(0, worker.exit_status())
                wait_until(lambda: not is_running(child))

    def test_what_a_model_started_that_cannot_be_loaded_ends_with_it(self) -> None:
        files = {"model.py": dedented(STARTING["a command"]) + SAYING + "raise ValueError('no weights')\n"}
        with Worker("model.py", files=files, wait=False) as worker:
            self.assertEqual(1, worker.exit_status())
            child = int((worker.folder / "child").read_text())
            wait_until(lambda: not is_running(child))
            self.assertIn("no weights", worker.log())

    def test_it_leaves_its_terminal_only_for_a_parent(self) -> None:
        with Worker("model.py", files=IDENTITY) as worker:
            worker.ready()
            self.assertEqual(worker.process.pid, os.getsid(worker.process.pid))
        with Worker("model.py", "--no-watch-stdin", files=IDENTITY) as worker:
            worker.ready()
            self.assertEqual(os.getsid(0), os.getsid(worker.process.pid))

    def test_it_ends_when_its_parent_does(self) -> None:
        with Worker("model.py", files=IDENTITY) as worker:
            worker.ready()
            worker.stdin.close()
            self.assertEqual(0, worker.exit_status())
            self.assertIn("ending: standard input ended", worker.log())

    def test_it_ends_with_its_parent_while_it_loads(self) -> None:
        with Worker("model.py", files={"model.py": "import time\ntime.sleep(60)\n"}, wait=False) as worker:
            worker.stdin.close()
            self.assertEqual(0, worker.exit_status())

    def test_it_goes_on_without_a_parent_if_told_so(self) -> None:
        with Worker("model.py", "--no-watch-stdin", files=IDENTITY) as worker:
            client = worker.ready()
            worker.stdin.close()
            self.assertEqual({"output": [1.0, 2.0]}, client.outputs(input=ROWS))
            self.assertIsNone(worker.process.poll())

    def test_a_terminals_interrupt_is_its_parents_business(self) -> None:
        with Worker("model.py", files=IDENTITY) as worker:
            client = worker.ready()
            worker.process.send_signal(signal.SIGINT)
            self.assertEqual({"output": [1.0, 2.0]}, client.outputs(input=ROWS))
            worker.process.send_signal(signal.SIGTERM)
            self.assertEqual(0, worker.exit_status())

    def test_the_batch_that_runs_is_finished_first(self) -> None:
        with Worker("model.py", files=HELD) as worker:
            client = worker.ready()
            answered: list[object] = []
            asking = threading.Thread(target=lambda: answered.append(client.outputs(input=ROWS)))
            asking.start()
            wait_for(worker.folder / "began")
            worker.process.send_signal(signal.SIGTERM)
            wait_for_line(worker, "ending: SIGTERM")
            (worker.folder / "go-on").touch()
            asking.join()
            self.assertEqual([{"output": [1.0, 2.0]}], answered)
            self.assertEqual(0, worker.exit_status())

    def test_a_batch_that_does_not_end_ends_with_the_grace(self) -> None:
        with Worker("model.py", "--grace", "0.2", files=HELD) as worker:
            client = worker.ready()
            failed: list[grpc.StatusCode] = []

            def ask() -> None:
                try:
                    client.outputs(input=ROWS)
                except grpc.RpcError as error:
                    failed.append(error.code())

            asking = threading.Thread(target=ask)
            asking.start()
            wait_for(worker.folder / "began")
            worker.process.send_signal(signal.SIGTERM)
            self.assertEqual(3, worker.exit_status())
            asking.join()
            self.assertEqual(1, len(failed))
            self.assertIn("did not return within 0.2 s", worker.log())

    def test_a_model_that_returns_nothing_is_not_ready_until_it_does(self) -> None:
        with Worker("model.py", "--stuck-timeout", "0.2", files=HELD) as worker:
            client = worker.ready()
            self.assertEqual([True] * 3, readiness(client))
            asking = threading.Thread(target=lambda: client.outputs(input=ROWS))
            asking.start()
            wait_until(lambda: readiness(client) == [False] * 3)
            (worker.folder / "go-on").touch()
            asking.join()
            self.assertEqual([True] * 3, readiness(client))

    def test_a_child_that_the_model_forked_does_not_end_the_worker(self) -> None:
        source = """
            import os
            import signal

            def predict(batch):
                child = os.fork()
                if child == 0:
                    signal.pause()
                os.kill(child, signal.SIGTERM)
                _, status = os.waitpid(child, 0)
                return [os.WTERMSIG(status)] * len(batch)
            """
        with Worker("model.py", files={"model.py": dedented(source)}) as worker:
            client = worker.ready()
            for _ in range(20):  # what goes wrong in a child goes wrong in some
                self.assertEqual([signal.SIGTERM] * 2, client.outputs(input=ROWS)["output"])
            self.assertNotIn("ending", worker.log())

    def test_standard_output_is_one_line(self) -> None:
        source = "import os\nprint('hello')\nos.system('echo from a child')\n" + IDENTITY["model.py"]
        with Worker("model.py", files={"model.py": source}) as worker:
            worker.ready()
            worker.stdin.close()
            worker.exit_status()
            self.assertEqual("", worker.stdout.read())
            self.assertIn("hello", worker.log())
            self.assertIn("from a child", worker.log())

    def test_a_port_that_it_chose_is_in_the_line(self) -> None:
        with Worker("model.py", "--listen", "127.0.0.1:0", files=IDENTITY) as worker:
            self.assertRegex(worker.first_line, r"^ready 127\.0\.0\.1:[1-9]\d*$")
            self.assertEqual({"output": [1.0, 2.0]}, worker.ready().outputs(input=ROWS))

    def test_only_its_user_reaches_a_socket_and_a_stale_one_is_replaced(self) -> None:
        with Worker("model.py", files=IDENTITY) as worker:
            path = Path(worker.first_line.partition("unix:")[2])
            worker.ready()
            self.assertEqual(0, path.stat().st_mode & 0o077)
            worker.process.kill()
            worker.process.wait()
            self.assertTrue(path.exists())
            with Worker("model.py", "--listen", f"unix:{path}", files=IDENTITY) as next_worker:
                self.assertEqual({"output": [1.0, 2.0]}, next_worker.ready().outputs(input=ROWS))

    def test_only_a_pipe_or_a_socket_is_watched(self) -> None:
        readable, writable = os.pipe()
        nothing = os.open(os.devnull, os.O_RDONLY)
        try:
            self.assertTrue(lifetime.is_watched(readable))
            self.assertFalse(lifetime.is_watched(nothing))
        finally:
            for descriptor in (readable, writable, nothing):
                os.close(descriptor)


def readiness(client: Client) -> list[bool]:
    """As each of the calls that ask for it tells it."""
    health = client.call(
        "Check", protocol.HealthCheckRequest(), protocol.HealthCheckResponse, service=protocol.HEALTH_SERVICE
    )
    return [
        client.call("ServerReady", protocol.ServerReadyRequest(), protocol.ServerReadyResponse).ready,
        client.call("ModelReady", protocol.ModelReadyRequest(name="m"), protocol.ModelReadyResponse).ready,
        health.status == protocol.HealthCheckResponse(status="SERVING").status,
    ]


def is_running(process: int) -> bool:
    """Not of one that has ended, though nobody has asked how."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text()
    except OSError:
        return False
    return stat.rpartition(") ")[2][0] not in "ZX"


def wait_for(path: Path) -> None:
    wait_until(path.exists)


def wait_for_line(worker: Worker, words: str) -> None:
    wait_until(lambda: words in worker.log())


def wait_until(happened: Callable[[], bool]) -> None:
    end = time.monotonic() + SECONDS
    while not happened():
        if time.monotonic() > end:
            raise AssertionError(f"has not happened within {SECONDS} s")
        os.sched_yield()
