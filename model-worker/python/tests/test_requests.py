"""What a worker takes, what it refuses and in which words."""

from __future__ import annotations

import time
from typing import Any, Callable

import grpc
import numpy as np

from clipper_worker import protocol
from tests.support import SECONDS, Client, HeldTestCase, ServedHere, TestCase

INVALID = grpc.StatusCode.INVALID_ARGUMENT
_ROUNDED_UP = 0.5
"""By at most so many seconds the channel makes the time longer that a call of a few seconds has."""
ROWS = np.array([[1.0, 2.0], [3.0, 4.0]])


class RequestsTest(TestCase):
    def setUp(self) -> None:
        self.called: list[Any] = []
        served = ServedHere(self._sum_of_rows)
        self.enterContext(served)
        self.client = served.client

    def _sum_of_rows(self, batch: np.ndarray) -> np.ndarray:
        self.called.append(batch)
        return batch.sum(axis=1)

    def test_one_output_a_row(self) -> None:
        self.assertEqual({"output": [3.0, 7.0]}, self.client.outputs(input=ROWS))

    def test_the_name_of_an_only_input_does_not_matter(self) -> None:
        self.assertEqual({"output": [3.0, 7.0]}, self.client.outputs(other=ROWS))

    def test_the_array_is_a_view_of_the_request(self) -> None:
        self.client.outputs(input=ROWS)
        self.assertFalse(self.called[0].flags.writeable)
        self.assertFalse(self.called[0].flags.owndata)

    def test_id_name_and_version_come_back(self) -> None:
        request = self.client.request(input=ROWS)
        request.id = "42"
        request.model_version = "1"
        response = self.client.infer(request)
        self.assertEqual(("42", "m", "1"), (response.id, response.model_name, response.model_version))

    def test_only_the_outputs_that_were_asked_for(self) -> None:
        request = self.client.request(input=ROWS)
        request.outputs.add(name="output")
        self.assertEqual(["output"], [output.name for output in self.client.infer(request).outputs])
        request.outputs[0].name = "other"
        self.assert_refused(INVALID, "there is no output 'other'", lambda: self.client.infer(request))

    def test_another_model_or_version_is_not_found(self) -> None:
        request = self.client.request(input=ROWS)
        request.model_version = "2"
        self.assert_refused(grpc.StatusCode.NOT_FOUND, "'m:2' is not here", lambda: self.client.infer(request))
        request.model_name = "n"
        self.assert_refused(grpc.StatusCode.NOT_FOUND, "'n:2' is not here", lambda: self.client.infer(request))

    def test_malformed_requests_are_refused_before_the_model_is_called(self) -> None:
        cases: list[tuple[str, Callable[[Any], Any]]] = [
            ("input 'input' is FP32, not FP64", lambda r: setattr(r.inputs[0], "datatype", "FP32")),
            ("has shape [4], expected [-1, -1]", lambda r: r.inputs[0].shape.__setitem__(slice(None), [4])),
            ("asks for 48 bytes, 'input' has 32", lambda r: r.inputs[0].shape.__setitem__(1, 3)),
            ("has 0 rows", lambda r: r.inputs[0].shape.__setitem__(0, 0)),
            ("has shape [2, -2]", lambda r: r.inputs[0].shape.__setitem__(1, -2)),
            ("1 raw contents for 2 inputs", lambda r: r.inputs.add(name="b", datatype="FP64", shape=[2, 2])),
            ("2 raw contents for 1 inputs", lambda r: r.raw_input_contents.append(b"")),
            ("0 inputs given", lambda r: (r.ClearField("inputs"), r.ClearField("raw_input_contents"))),
            ("contents field must not", lambda r: r.inputs[0].contents.fp64_contents.append(1)),
            ("asks for 4 elements, 'input' has 0", lambda r: r.ClearField("raw_input_contents")),
            (
                "in fp32_contents, not in fp64_contents",
                lambda r: (r.ClearField("raw_input_contents"), r.inputs[0].contents.fp32_contents.append(1)),
            ),
        ]
        for words, spoil in cases:
            with self.subTest(words):
                request = self.client.request(input=ROWS)
                spoil(request)
                self.assert_refused(INVALID, words, lambda request=request: self.client.infer(request))
        self.assertEqual([], self.called)

    def test_health_and_metadata(self) -> None:
        call = self.client.call
        self.assertTrue(call("ServerLive", protocol.ServerLiveRequest(), protocol.ServerLiveResponse).live)
        self.assertTrue(call("ServerReady", protocol.ServerReadyRequest(), protocol.ServerReadyResponse).ready)
        ready = protocol.ModelReadyRequest(name="m", version="1")
        self.assertTrue(call("ModelReady", ready, protocol.ModelReadyResponse).ready)
        server = call("ServerMetadata", protocol.ServerMetadataRequest(), protocol.ServerMetadataResponse)
        self.assertEqual("clipper-worker", server.name)
        health = call(
            "Check", protocol.HealthCheckRequest(), protocol.HealthCheckResponse, service=protocol.HEALTH_SERVICE
        )
        self.assertEqual(1, health.status)
        model = call("ModelMetadata", protocol.ModelMetadataRequest(name="m"), protocol.ModelMetadataResponse)
        self.assertEqual(["1"], list(model.versions))
        self.assertEqual("python", model.platform)
        self.assertEqual(("input", "FP64", [-1, -1]), _described(model.inputs[0]))
        self.assert_refused(
            grpc.StatusCode.NOT_FOUND,
            "'n' is not here",
            lambda: call("ModelReady", protocol.ModelReadyRequest(name="n"), protocol.ModelReadyResponse),
        )


class SeveralInputsTest(TestCase):
    def setUp(self) -> None:
        served = ServedHere(lambda batch: batch["ids"] * batch["weight"][:, None], "ids:INT64[2],weight:FP64[]")
        self.enterContext(served)
        self.client = served.client
        self.ids = np.array([[1, 2], [3, 4]])

    def test_they_come_by_name_in_any_order(self) -> None:
        outputs = self.client.outputs(weight=np.array([1.0, 0.5]), ids=self.ids)
        self.assertEqual({"output": [[1.0, 2.0], [1.5, 2.0]]}, outputs)

    def test_missing_ones_and_unequal_numbers_of_rows_are_refused(self) -> None:
        other = self.client.request(ids=self.ids, wait=np.array([1.0, 0.5]))
        self.assert_refused(INVALID, "input 'weight' is missing", lambda: self.client.infer(other))
        unequal = self.client.request(ids=self.ids, weight=np.array([1.0]))
        self.assert_refused(INVALID, "different numbers of rows: 1, 2", lambda: self.client.infer(unequal))
        one = self.client.request(ids=self.ids)
        self.assert_refused(INVALID, "1 inputs given, expected 2 (ids:INT64[2]", lambda: self.client.infer(one))


class OptionalInputsTest(TestCase):
    def setUp(self) -> None:
        served = ServedHere(self._masked, "x:FP64[2],mask:FP64[2]?,tag:BYTES[1]?")
        self.enterContext(served)
        self.client = served.client

    @staticmethod
    def _masked(batch: dict[str, np.ndarray]) -> np.ndarray:
        mask = batch.get("mask")
        return batch["x"].sum(axis=1) if mask is None else (batch["x"] * mask).sum(axis=1)

    def test_a_missing_one_is_not_in_the_batch(self) -> None:
        self.assertEqual({"output": [3.0, 7.0]}, self.client.outputs(x=ROWS))
        self.assertEqual({"output": [1.0, 3.0]}, self.client.outputs(mask=np.array([[1.0, 0.0]] * 2), x=ROWS))

    def test_a_required_one_has_to_be_there_and_an_unknown_one_must_not(self) -> None:
        mask = np.array([[1.0, 0.0]] * 2)
        without = self.client.request(mask=mask)
        self.assert_refused(INVALID, "input 'x' is missing", lambda: self.client.infer(without))
        unknown = self.client.request(x=ROWS, musk=mask)
        words = "the inputs x, musk are not each one of x:FP64[2]"
        self.assert_refused(INVALID, words, lambda: self.client.infer(unknown))
        unequal = self.client.request(x=ROWS, mask=mask[:1])
        self.assert_refused(INVALID, "different numbers of rows: 1, 2", lambda: self.client.infer(unequal))
        none = self.client.request()
        self.assert_refused(INVALID, "0 inputs given", lambda: self.client.infer(none))

    def test_the_configuration_says_which_they_are(self) -> None:
        request = protocol.ModelConfigRequest(name="m", version="1")
        config = self.client.call("ModelConfig", request, protocol.ModelConfigResponse).config
        self.assertEqual([("x", False), ("mask", True), ("tag", True)], [(i.name, i.optional) for i in config.input])
        self.assertEqual([12, 12, 13], [i.data_type for i in config.input])
        self.assertEqual([-1, 2], list(config.input[0].dims))
        self.assertEqual(0, config.max_batch_size)
        self.assertFalse(config.HasField("dynamic_batching"))


class BusyTest(HeldTestCase):
    def _asked(self, timeout: float = SECONDS) -> Any:
        channel = self.served.client._channel
        infer = channel.unary_unary(
            f"/{protocol.SERVICE}/ModelInfer", lambda m: m.SerializeToString(), protocol.ModelInferResponse.FromString
        )
        return infer.future(self.served.client.request(input=ROWS), timeout=timeout)

    def _await_waiting(self, number: int) -> None:
        give_up = time.monotonic() + SECONDS
        while self.served.thread.waiting != number:
            self.assertLess(time.monotonic(), give_up, f"{self.served.thread.waiting} wait")
            self._live(self.served.client)

    @staticmethod
    def _live(client: Client) -> bool:
        return client.call("ServerLive", protocol.ServerLiveRequest(), protocol.ServerLiveResponse).live

    def test_a_busy_worker_is_not_a_dead_one(self) -> None:
        call = self._asked()
        self.began.acquire(timeout=SECONDS)
        self.assertTrue(self._live(self.served.client))
        self.assertFalse(call.done())
        self.go_on.release()
        call.result(SECONDS)

    def test_the_model_is_never_called_twice_at_once(self) -> None:
        calls = [self._asked() for _ in range(2)]
        self.go_on.release(2)
        for call in calls:
            call.result(SECONDS)
        self.assertEqual((2, 1), (self.calls, self.most))

    def test_what_waited_beyond_its_deadline_is_not_computed(self) -> None:
        first = self._asked()
        self.began.acquire(timeout=SECONDS)
        late = self._asked(timeout=3)
        self._await_waiting(1)
        # The deadline is as far away for the worker as for its client, from the moment at which the call came.
        passed = time.monotonic() + 3
        self.assertEqual(grpc.StatusCode.DEADLINE_EXCEEDED, late.exception(SECONDS).code())
        while time.monotonic() < passed + _ROUNDED_UP:
            self._live(self.served.client)
        self.go_on.release(2)
        first.result(SECONDS)
        self._asked().result(SECONDS)
        self.assertEqual(2, self.calls)

    def test_a_batch_that_would_wait_behind_too_many_is_refused(self) -> None:
        calls = [self._asked()]
        self.began.acquire(timeout=SECONDS)
        calls += [self._asked(), self._asked()]
        self._await_waiting(2)
        self.assert_refused(grpc.StatusCode.RESOURCE_EXHAUSTED, "2 batches wait", lambda: self._asked().result(SECONDS))
        self.go_on.release(3)
        for call in calls:
            call.result(SECONDS)


def _described(tensor: Any) -> tuple[str, str, list[int]]:
    return tensor.name, tensor.datatype, list(tensor.shape)
