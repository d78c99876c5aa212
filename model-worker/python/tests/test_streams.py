"""Batches on calls that stay open."""

from __future__ import annotations

import queue
import time
from typing import Any

import grpc
import numpy as np

from clipper_worker import protocol
from tests.support import SECONDS, Client, HeldTestCase, TestCase, Worker
from tests.test_failures import SOURCE, asking

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]])


class Stream:
    """One open call, as a node has several."""

    def __init__(self, client: Client) -> None:
        self._client = client
        self._requests: queue.SimpleQueue[Any] = queue.SimpleQueue()
        path = f"/{protocol.SERVICE}/ModelStreamInfer"
        open_call = client._channel.stream_stream(
            path, lambda message: message.SerializeToString(), protocol.ModelStreamInferResponse.FromString
        )
        self.call = open_call(iter(self._requests.get, None), timeout=SECONDS)

    def send(self, array: np.ndarray, timeout: float = 0) -> None:
        request = self._client.request(input=array)
        if timeout:
            request.parameters[protocol.TIMEOUT].int64_param = int(timeout * 1e6)
        self._requests.put(request)

    def received(self) -> list[float]:
        return np.frombuffer(next(self.call).infer_response.raw_output_contents[0], np.float64).tolist()

    def ask(self, array: np.ndarray) -> list[float]:
        self.send(array)
        return self.received()

    def close(self) -> None:
        self._requests.put(None)


class StreamsTest(TestCase):
    def setUp(self) -> None:
        self.worker = Worker("model.py", files={"model.py": SOURCE})
        self.enterContext(self.worker)
        self.client = self.worker.ready()

    def test_one_batch_after_another(self) -> None:
        stream = Stream(self.client)
        self.assertEqual([[0.0, 0.0], [8.0, 8.0]], [stream.ask(asking(what)) for what in (0, 8)])
        stream.close()
        self.assertEqual([], list(stream.call))
        self.assertEqual(grpc.StatusCode.OK, stream.call.code())

    def test_a_failed_batch_ends_its_stream_and_nothing_else(self) -> None:
        stream, other = Stream(self.client), Stream(self.client)
        self.assertEqual([0.0, 0.0], other.ask(asking(0)))
        words = "ValueError: feature 3 is out of range"
        self.assert_refused(grpc.StatusCode.INTERNAL, words, lambda: stream.ask(asking(1)))
        self.assertEqual([8.0, 8.0], other.ask(asking(8)))
        other.close()

    def test_a_batch_of_another_shape_is_refused(self) -> None:
        stream = Stream(self.client)
        words = "has shape [3], expected [-1, -1]"
        self.assert_refused(grpc.StatusCode.INVALID_ARGUMENT, words, lambda: stream.ask(np.zeros(3)))

    def test_idle_ones_hold_up_no_end(self) -> None:
        source = {"model.py": SOURCE}
        with Worker("model.py", "--grace", str(3 * SECONDS), files=source) as worker:
            stream = Stream(worker.ready())
            stream.ask(asking(0))
            worker.stdin.close()
            self.assertEqual(0, worker.exit_status())


class HeldStreamsTest(HeldTestCase):
    MAX_WAITING = 1

    def _sent(self, timeout: float = 0) -> Stream:
        stream = Stream(self.served.client)
        stream.send(ROWS, timeout)
        return stream

    def _two(self, timeout: float = 0) -> tuple[Stream, Stream]:
        """One that is being answered, and one that waits for it."""
        first = self._sent()
        self.began.acquire(timeout=SECONDS)
        second = self._sent(timeout)
        give_up = time.monotonic() + SECONDS
        while self.served.thread.waiting != 1:
            self.assertLess(time.monotonic(), give_up, "the second has not come")
        return first, second

    def test_the_model_is_called_for_one_at_a_time(self) -> None:
        first, second = self._two()
        self.go_on.release(2)
        self.assertEqual([[1.0, 3.0]] * 2, [first.received(), second.received()])
        self.assertEqual((2, 1), (self.calls, self.most))

    def test_what_waited_beyond_its_time_is_not_computed_and_ends_with_that(self) -> None:
        first, second = self._two(timeout=0.05)
        passed = time.monotonic() + 0.05
        while time.monotonic() < passed:
            self.served.client.call("ServerLive", protocol.ServerLiveRequest(), protocol.ServerLiveResponse)
        self.go_on.release(2)
        self.assertEqual([1.0, 3.0], first.received())
        self.assert_refused(grpc.StatusCode.DEADLINE_EXCEEDED, "the deadline passed", second.received)
        self.assertEqual(1, self.calls)

    def test_what_nobody_waits_for_any_more_is_not_computed(self) -> None:
        first, second = self._two()
        second.call.cancel()
        # What is called after it says that the worker has heard of it.
        self.served.client.call("ServerLive", protocol.ServerLiveRequest(), protocol.ServerLiveResponse)
        self.go_on.release(2)
        self.assertEqual([1.0, 3.0], first.received())
        self.assertEqual([1.0, 3.0], self._sent().received())
        self.assertEqual(2, self.calls)

    def test_a_batch_that_would_wait_behind_too_many_is_refused(self) -> None:
        first, second = self._two()
        self.assert_refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "1 batches wait", self._sent().received)
        self.go_on.release(2)
        self.assertEqual([[1.0, 3.0]] * 2, [first.received(), second.received()])

    def test_what_is_being_answered_at_the_end_is_answered_still(self) -> None:
        idle = Stream(self.served.client)
        self.go_on.release()
        idle.ask(ROWS)
        self.began.acquire(timeout=SECONDS)
        first = self._sent()
        self.began.acquire(timeout=SECONDS)
        give_up = time.monotonic() + SECONDS
        while len(self.served.server._streams._idle) != 1:
            self.assertLess(time.monotonic(), give_up, "the first does not wait for another")
        stopped = self.served.server.stop(SECONDS)
        self.assert_refused(grpc.StatusCode.CANCELLED, "", idle.received)
        self.assertFalse(stopped.is_set())
        self.go_on.release()
        self.assertEqual([1.0, 3.0], first.received())
        self.assertEqual([], list(first.call))
        self.assertTrue(stopped.wait(SECONDS))

    def test_more_than_it_has_threads_for_are_refused(self) -> None:
        self.go_on.release(65)
        streams = [Stream(self.served.client) for _ in range(64)]
        for stream in streams:
            stream.ask(ROWS)
        self.assert_refused(grpc.StatusCode.CANCELLED, "64 streams are open", self._sent().received)
        streams[0].close()
        self.assertEqual([], list(streams[0].call))
        self.assertEqual([1.0, 3.0], self._sent().received())
