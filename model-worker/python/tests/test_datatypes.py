"""Each datatype through a real server to a function that returns what it gets."""

from __future__ import annotations

from typing import Any

import grpc
import numpy as np

from clipper_worker import datatypes, protocol
from tests.support import ServedHere, TestCase, raw, texts

EXTREMES = {
    "BOOL": np.array([[True, False], [False, True]]),
    "UINT8": np.array([[0, 255]], np.uint8),
    "UINT16": np.array([[0, 65535]], np.uint16),
    "UINT32": np.array([[0, 2**32 - 1]], np.uint32),
    "UINT64": np.array([[0, 2**64 - 1]], np.uint64),
    "INT8": np.array([[-128, 127]], np.int8),
    "INT16": np.array([[-(2**15), 2**15 - 1]], np.int16),
    "INT32": np.array([[-(2**31), 2**31 - 1]], np.int32),
    "INT64": np.array([[-(2**63), 2**63 - 1]], np.int64),
    "FP16": np.array([[0.5, -65504]], np.float16),
    "FP32": np.array([[0.1, np.inf]], np.float32),
    "FP64": np.array([[0.1, -np.inf]], np.float64),
    "BYTES": np.array([["", "größer"], ["a\0b", "c"]], dtype=object),
}


class DatatypesTest(TestCase):
    def test_raw_contents_come_back_as_they_were(self) -> None:
        for name, array in EXTREMES.items():
            with self.subTest(name), ServedHere(lambda batch: batch, f"x:{name}[2]") as served:
                response = served.client.infer(served.client.request(x=array))
                self.assertEqual(name, response.outputs[0].datatype)
                self.assertEqual(array.shape, tuple(response.outputs[0].shape))
                self.assertEqual(raw(array), response.raw_output_contents[0])
                self.assertFalse(response.outputs[0].HasField("contents"))

    def test_typed_contents_come_back_as_typed_contents(self) -> None:
        for name, array in EXTREMES.items():
            if name == "FP16":
                continue
            with self.subTest(name), ServedHere(lambda batch: batch, f"x:{name}[2]") as served:
                response = served.client.infer(typed(served, name, array))
                field = datatypes.named(name).contents
                self.assertEqual(elements(array), list(getattr(response.outputs[0].contents, field)))
                self.assertEqual(0, len(response.raw_output_contents))

    def test_typed_contents_of_half_precision_are_refused(self) -> None:
        for name in ("FP16", "BF16"):
            with self.subTest(name), ServedHere(lambda batch: batch, f"x:{name}[2]") as served:
                request = typed(served, "FP32", EXTREMES["FP32"])
                request.inputs[0].datatype = name
                self.assert_refused(
                    grpc.StatusCode.INVALID_ARGUMENT,
                    f"{name} is sent as raw",
                    lambda served=served, request=request: served.client.infer(request),
                )

    def test_bfloat16_is_widened(self) -> None:
        values = np.array([[1.5, -2.0]], np.float32)
        with ServedHere(lambda batch: batch, "x:BF16[2]") as served:
            request = served.client.request(x=values)
            request.inputs[0].datatype = "BF16"
            request.raw_input_contents[0] = (values.view(np.uint32) >> 16).astype(np.uint16).tobytes()
            response = served.client.infer(request)
            self.assertEqual("FP32", response.outputs[0].datatype)
            self.assertEqual(values.tobytes(), response.raw_output_contents[0])

    def test_half_precision_is_answered_raw_even_to_typed_contents(self) -> None:
        with ServedHere(lambda batch: batch.astype(np.float16), "x:FP32[2]") as served:
            response = served.client.infer(typed(served, "FP32", np.array([[1, 2]], np.float32)))
            self.assertEqual("FP16", response.outputs[0].datatype)
            self.assertEqual(np.array([1, 2], np.float16).tobytes(), response.raw_output_contents[0])

    def test_a_text_of_a_row_comes_without_a_dimension_of_its_own(self) -> None:
        shapes = []
        with ServedHere(
            lambda batch: shapes.append(batch.shape) or [text.upper() for text in batch], "strings"
        ) as served:
            self.assertEqual(["A", "B"], served.client.outputs(input=texts("a", "b"))["output"])
        self.assertEqual([(2,)], shapes)

    def test_an_element_beyond_its_datatype_is_refused(self) -> None:
        with ServedHere(lambda batch: batch, "x:INT8[2]") as served:
            request = typed(served, "INT8", np.array([[1, 128]], np.int32))
            self.assert_refused(
                grpc.StatusCode.INVALID_ARGUMENT, "outside the range of INT8", lambda: served.client.infer(request)
            )


def elements(array: np.ndarray) -> list[Any]:
    values = array.ravel().tolist()
    return [value.encode() for value in values] if array.dtype == object else values


def typed(served: ServedHere, name: str, array: np.ndarray) -> Any:
    request = protocol.ModelInferRequest(model_name="m")
    tensor = request.inputs.add(name="x", datatype=name, shape=array.shape)
    getattr(tensor.contents, datatypes.named(name).contents).extend(elements(array))
    return request
