"""Each form of Python source, in a worker process."""

from __future__ import annotations

import numpy as np

from clipper_worker import protocol
from tests.support import TestCase, Worker, texts

ROWS = np.array([[1.0, 2.0], [3.0, 4.0]])
DOUBLE = "def predict(batch):\n    return batch[:, 0] * 2\n"


class PythonSourceTest(TestCase):
    def assert_answers(self, expected: list, source: str, files: dict[str, str], *options: str) -> None:
        with self.subTest(source), Worker(source, *options, files=files) as worker:
            self.assertEqual({"output": expected}, worker.ready().outputs(input=ROWS))

    def test_a_function_of_a_file_a_folder_a_package_or_a_module(self) -> None:
        self.assert_answers([2.0, 6.0], "model.py:predict", {"model.py": DOUBLE})
        self.assert_answers([2.0, 6.0], "some.py", {"some.py": DOUBLE})
        self.assert_answers([2.0, 6.0], "folder:predict", {"folder/model.py": DOUBLE})
        package = {"package/__init__.py": "from package.inner import predict\n", "package/inner.py": DOUBLE}
        self.assert_answers([2.0, 6.0], "package", package)
        self.assert_answers([2.0, 6.0], "package.inner:predict", package)

    def test_a_file_imports_its_neighbours_whatever_its_name(self) -> None:
        files = {
            "helper.py": "FACTOR = 3\n",
            "my-model.py": "import helper\n\ndef f(b):\n    return b[:, 0] * helper.FACTOR\n",
        }
        self.assert_answers([3.0, 9.0], "my-model.py:f", files)

    def test_an_asynchronous_function(self) -> None:
        source = "import asyncio\n\nasync def predict(batch):\n    await asyncio.sleep(0)\n    return batch[:, 1]\n"
        self.assert_answers([2.0, 4.0], "model.py", {"model.py": source})

    def test_a_class_is_loaded_once(self) -> None:
        source = """
            class Model:
                def __init__(self):
                    self.loads = 0

                def load(self):
                    self.loads += 1

                def predict(self, batch):
                    return batch[:, 0] + self.loads
            """
        self.assert_answers([2.0, 4.0], "model.py", {"model.py": dedented(source)})
        awaited = source.replace("def load", "async def load").replace("def predict", "async def predict")
        self.assert_answers([2.0, 4.0], "model.py:Model", {"model.py": dedented(awaited)})

    def test_an_object_that_predicts_or_can_be_called(self) -> None:
        source = "class Twice:\n    def {}(self, batch):\n        return batch[:, 0] * 2\n\nmodel = Twice()\n"
        self.assert_answers([2.0, 6.0], "model.py", {"model.py": source.format("predict")})
        self.assert_answers([2.0, 6.0], "model.py:model", {"model.py": source.format("__call__")})

    def test_a_model_says_its_input_type_and_its_classes(self) -> None:
        source = """
            import numpy as np

            class Model:
                input_type = "strings"
                classes = ["short", "long"]

                def predict(self, batch):
                    long = np.array([len(text) / 10 for text in batch])
                    return {"probabilities": np.column_stack((1 - long, long))}
            """
        with Worker("model.py", files={"model.py": dedented(source)}) as worker:
            client = worker.ready()
            metadata = client.call(
                "ModelMetadata", protocol.ModelMetadataRequest(name="m"), protocol.ModelMetadataResponse
            )
            self.assertEqual(("BYTES", [-1, 1]), (metadata.inputs[0].datatype, list(metadata.inputs[0].shape)))
            response = client.infer(client.request(input=texts("abc", "abcdefg")))
            self.assertEqual(["label", "probabilities"], [output.name for output in response.outputs])
            self.assertEqual('["short", "long"]', response.outputs[1].parameters["classes"].string_param)
            self.assertEqual(["short", "long"], client.outputs(input=texts("abc", "abcdefg"))["label"])

    def test_the_command_line_has_the_last_word_on_the_input_type(self) -> None:
        source = "def predict(batch):\n    return [str(batch.dtype)] * len(batch)\n\npredict.input_type = 'floats'\n"
        with Worker("model.py", "--input-type", "integers", files={"model.py": source}) as worker:
            self.assertEqual({"output": ["int32"]}, worker.ready().outputs(input=np.array([[1]], np.int32)))

    def test_a_model_is_loaded_and_called_in_the_main_thread(self) -> None:
        source = """
            import sqlite3
            import threading

            database = sqlite3.connect(":memory:")
            database.execute("create table t as select 7.0 as x")

            def predict(batch):
                assert threading.current_thread() is threading.main_thread()
                return [database.execute("select x from t").fetchone()[0]] * len(batch)
            """
        self.assert_answers([7.0, 7.0], "model.py", {"model.py": dedented(source)})

    def test_several_calls_at_once_where_that_is_asked_for(self) -> None:
        source = """
            import threading

            both_are_here = threading.Barrier(2)

            def predict(batch):
                both_are_here.wait(10)
                return batch[:, 0]
            """
        with Worker("model.py", "--concurrency", "2", files={"model.py": dedented(source)}) as worker:
            client = worker.ready()
            infer = client._channel.unary_unary(
                f"/{protocol.SERVICE}/ModelInfer",
                lambda message: message.SerializeToString(),
                protocol.ModelInferResponse.FromString,
            )
            calls = [infer.future(client.request(input=ROWS), timeout=15) for _ in range(2)]
            self.assertEqual([1, 1], [len(call.result().outputs) for call in calls])

    def test_a_thread_budget_reaches_the_libraries(self) -> None:
        source = """
            import os
            import threadpoolctl
            import numpy

            def predict(batch):
                pools = {pool["num_threads"] for pool in threadpoolctl.threadpool_info()}
                return [f"{os.environ['OMP_NUM_THREADS']} {sorted(pools)}"] * len(batch)
            """
        with Worker("model.py", "--threads", "1", files={"model.py": dedented(source)}) as worker:
            self.assertEqual(["1 [1]", "1 [1]"], worker.ready().outputs(input=ROWS)["output"])


def dedented(source: str) -> str:
    lines = source.strip("\n").split("\n")
    indent = len(lines[0]) - len(lines[0].lstrip())
    return "\n".join(line[indent:] for line in lines)
