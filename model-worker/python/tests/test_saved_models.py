"""Models that libraries saved, each through a worker process and against the library's own answer."""

from __future__ import annotations

import json
import logging
import pickle
import tempfile
import warnings
from pathlib import Path
from typing import Any, ClassVar

import joblib
import lightgbm
import mlflow.models
import mlflow.pyfunc
import numpy as np
import pandas
import xgboost
from sklearn.ensemble import RandomForestClassifier
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import SVC

from clipper_worker import protocol
from tests.support import Client, TestCase, Worker, texts

ONNX_MODELS = Path(__file__).resolve().parents[2] / "src/test/resources/onnx"

RANDOM = np.random.default_rng(7)
ROWS = RANDOM.normal(size=(60, 4))
NUMBERS = ROWS @ np.array([1.0, -2.0, 0.5, 0.0])
TWO = (NUMBERS > 0).astype(int)
THREE = np.digitize(NUMBERS, [-1.0, 1.0])
ASKED = ROWS[:7]


class SavedModelTest(TestCase):
    folder: ClassVar[Path]

    @classmethod
    def setUpClass(cls) -> None:
        cls.folder = Path(cls.enterClassContext(tempfile.TemporaryDirectory()))

    def served(self, path: Path, *options: str) -> Client:
        worker = Worker(str(path), *options)
        self.enterContext(worker)
        return worker.ready()

    def assert_classifies(self, client: Client, labels: Any, probabilities: Any, classes: str) -> None:
        response = client.infer(client.request(input=ASKED))
        self.assertEqual(["label", "probabilities"], [output.name for output in response.outputs])
        self.assertEqual(classes, response.outputs[1].parameters["classes"].string_param)
        outputs = client.outputs(input=ASKED)
        self.assertEqual(list(labels), outputs["label"])
        np.testing.assert_allclose(outputs["probabilities"], probabilities, atol=1e-6)

    def assert_takes(self, client: Client, expected: list[tuple[str, str, list[int]]]) -> None:
        request = protocol.ModelMetadataRequest(name="m")
        metadata = client.call("ModelMetadata", request, protocol.ModelMetadataResponse)
        found = [(tensor.name, tensor.datatype, list(tensor.shape)) for tensor in metadata.inputs]
        self.assertEqual(expected, found)


class ScikitLearnTest(SavedModelTest):
    def saved(self, estimator: Any, name: str) -> Path:
        path = self.folder / name
        if path.suffix == ".joblib":
            joblib.dump(estimator, path, compress=3)
        else:
            path.write_bytes(pickle.dumps(estimator))
        return path

    def test_a_classifier_answers_label_and_probabilities(self) -> None:
        labels = np.array(["low", "middle", "high"])[THREE]
        model = make_pipeline(StandardScaler(), LogisticRegression()).fit(ROWS, labels)
        for name in ("model.joblib", "model.pkl"):
            with self.subTest(name):
                client = self.served(self.saved(model, name))
                self.assert_takes(client, [("input", "FP64", [-1, 4])])
                self.assert_classifies(
                    client, model.predict(ASKED), model.predict_proba(ASKED), '["high", "low", "middle"]'
                )

    def test_several_targets_are_an_array_of_labels(self) -> None:
        model = RandomForestClassifier(5, random_state=7).fit(ROWS, np.column_stack((TWO, THREE)))
        outputs = self.served(self.saved(model, "targets.joblib")).outputs(input=ASKED)
        self.assertEqual({"output": model.predict(ASKED).tolist()}, outputs)

    def test_an_estimator_in_python_source_answers_as_a_saved_one(self) -> None:
        model = LogisticRegression().fit(ROWS, TWO)
        self.saved(model, "inner.joblib")
        source = self.folder / "outer.py"
        source.write_text(f"import joblib\n\nmodel = joblib.load({str(self.folder / 'inner.joblib')!r})\n")
        client = self.served(source)
        self.assert_takes(client, [("input", "FP64", [-1, 4])])
        self.assert_classifies(client, model.predict(ASKED), model.predict_proba(ASKED), '["0", "1"]')

    def test_the_label_is_what_the_estimator_predicts(self) -> None:
        model = DecidesOtherwise().fit(ROWS, TWO)
        client = self.served(self.saved(model, "decides.pkl"), "--input-type", "doubles")
        self.assertEqual([0] * 7, client.outputs(input=ASKED)["label"])

    def test_a_regressor_answers_numbers(self) -> None:
        model = LinearRegression().fit(ROWS, NUMBERS)
        outputs = self.served(self.saved(model, "regressor.pickle")).outputs(input=ASKED)
        np.testing.assert_allclose(outputs["output"], model.predict(ASKED))

    def test_a_classifier_without_probabilities_answers_labels(self) -> None:
        model = SVC().fit(ROWS, TWO.astype(bool))
        outputs = self.served(self.saved(model, "svc.pkl")).outputs(input=ASKED)
        self.assertEqual({"output": TWO[:7].astype(bool).tolist()}, outputs)

    def test_a_model_of_texts_takes_strings(self) -> None:
        said = ["good film", "bad film", "good play", "bad play"]
        model = make_pipeline(TfidfVectorizer(), MultinomialNB()).fit(said, ["up", "down", "up", "down"])
        client = self.served(self.saved(model, "texts.joblib"))
        self.assert_takes(client, [("input", "BYTES", [-1, 1])])
        self.assertEqual(["up", "down"], client.outputs(input=texts("a good one", "so bad"))["label"])


class DecidesOtherwise(LogisticRegression):
    """Its threshold is not the likeliest class. The worker finds it in this module, by name."""

    def predict(self, rows: np.ndarray) -> np.ndarray:
        return np.where(self.predict_proba(rows)[:, 1] > 2, 1, 0)


class BoostedTreesTest(SavedModelTest):
    def test_xgboost(self) -> None:
        for objective, labels in (("binary:logistic", TWO), ("multi:softprob", THREE)):
            options = {"objective": objective, "verbosity": 0, "nthread": 1}
            if objective.startswith("multi"):
                options["num_class"] = 3
            model = xgboost.train(options, xgboost.DMatrix(ROWS, labels), 10)
            scores = model.predict(xgboost.DMatrix(ASKED))
            for name in ("model.ubj", "model.json"):
                with self.subTest(objective, name=name):
                    path = self.folder / f"{len(options)}{name}"
                    model.save_model(path)
                    client = self.served(path, "--threads", "1")
                    self.assert_takes(client, [("input", "FP64", [-1, 4])])
                    self.assert_boosted(client, scores)

    def test_lightgbm(self) -> None:
        for objective, labels in (("binary", TWO), ("multiclass", THREE)):
            with self.subTest(objective):
                options = {"objective": objective, "verbosity": -1, "num_threads": 1, "min_data_in_leaf": 2}
                if objective == "multiclass":
                    options["num_class"] = 3
                model = lightgbm.train(options, lightgbm.Dataset(ROWS, labels), 10)
                path = self.folder / f"{objective}.txt"
                model.save_model(path)
                client = self.served(path, "--threads", "1")
                self.assert_takes(client, [("input", "FP64", [-1, 4])])
                self.assert_boosted(client, model.predict(ASKED))

    def test_regressions_answer_numbers(self) -> None:
        grown = xgboost.train({"nthread": 1}, xgboost.DMatrix(ROWS, NUMBERS), 10)
        grown.save_model(self.folder / "regression.ubj")
        outputs = self.served(self.folder / "regression.ubj").outputs(input=ASKED)
        np.testing.assert_allclose(outputs["output"], grown.predict(xgboost.DMatrix(ASKED)), rtol=1e-5)
        light = lightgbm.train({"verbosity": -1, "min_data_in_leaf": 2}, lightgbm.Dataset(ROWS, NUMBERS), 10)
        light.save_model(self.folder / "regression.txt")
        outputs = self.served(self.folder / "regression.txt").outputs(input=ASKED)
        np.testing.assert_allclose(outputs["output"], light.predict(ASKED))

    def assert_boosted(self, client: Client, scores: np.ndarray) -> None:
        if scores.ndim == 1:
            scores = np.column_stack((1 - scores, scores))
        classes = '["0", "1"]' if scores.shape[1] == 2 else '["0", "1", "2"]'
        self.assert_classifies(client, scores.argmax(axis=1), scores, classes)


class OnnxTest(SavedModelTest):
    def test_a_graph_answers_its_outputs_by_name(self) -> None:
        client = self.served(ONNX_MODELS / "sum-of-row.onnx")
        self.assert_takes(client, [("x", "FP32", [-1, -1])])
        self.assertEqual({"y": [6.0, 15.0]}, client.outputs(x=np.array([[1, 2, 3], [4, 5, 6]], np.float32)))

    def test_a_sequence_of_maps_is_probabilities_with_their_classes(self) -> None:
        client = self.served(ONNX_MODELS / "linear-texts-zipmap.onnx")
        response = client.infer(client.request(input=np.zeros((3, 2), np.float32)))
        self.assertEqual(["label", "probabilities"], [output.name for output in response.outputs])
        classes = json.loads(response.outputs[1].parameters["classes"].string_param)
        probabilities = client.outputs(input=np.zeros((3, 2), np.float32))["probabilities"]
        self.assertEqual([3, len(classes)], [len(probabilities), len(probabilities[0])])
        likeliest = [classes[int(np.argmax(row))] for row in probabilities]
        self.assertEqual(likeliest, client.outputs(input=np.zeros((3, 2), np.float32))["label"])

    def test_a_graph_without_a_batch_dimension_is_refused(self) -> None:
        with Worker(str(ONNX_MODELS / "no-batch.onnx")) as worker:
            self.assertEqual(1, worker.exit_status())
            self.assertIn("takes no batches", worker.log().splitlines()[-1])


class MlflowTest(SavedModelTest):
    def test_a_folder_with_a_signature_of_columns(self) -> None:
        frame = pandas.DataFrame(ROWS, columns=list("abcd"))
        path = self.folder / "columns"
        saved(path, SumsColumns(), frame)
        client = self.served(path)
        self.assert_takes(client, [("input", "FP64", [-1, 4])])
        np.testing.assert_allclose(client.outputs(input=ASKED)["output"], ASKED @ [1, 10, 0, 0])

    def test_a_folder_with_a_signature_of_texts_and_numbers(self) -> None:
        frame = pandas.DataFrame({"a": [1.0], "b": [2.0], "said": ["x"]})
        path = self.folder / "mixed"
        saved(path, SumsColumns(), frame)
        client = self.served(path)
        self.assert_takes(client, [("a", "FP64", [-1]), ("b", "FP64", [-1]), ("said", "BYTES", [-1])])
        said = np.array(["x", "y"], dtype=object)
        outputs = client.outputs(a=np.array([1.0, 2.0]), b=np.array([3.0, 4.0]), said=said)
        self.assertEqual({"output": [31.0, 42.0]}, outputs)

    def test_a_column_that_is_optional_in_the_signature_may_be_missing(self) -> None:
        frame = pandas.DataFrame({"a": [1.0, 2.0], "b": [2.0, 3.0], "said": ["x", None]})
        path = self.folder / "optional"
        saved(path, SumsColumns(), frame)
        client = self.served(path)
        outputs = client.outputs(a=np.array([1.0, 2.0]), b=np.array([3.0, 4.0]))
        self.assertEqual({"output": [31.0, 42.0]}, outputs)

    def test_a_folder_with_a_signature_of_tensors(self) -> None:
        path = self.folder / "tensors"
        saved(path, SumsRows(), ROWS.astype(np.float32))
        client = self.served(path)
        self.assert_takes(client, [("input", "FP32", [-1, 4])])
        asked = ASKED.astype(np.float32)
        np.testing.assert_allclose(client.outputs(input=asked)["output"], asked.sum(axis=1), rtol=1e-5)


def saved(path: Path, model: mlflow.pyfunc.PythonModel, example: Any) -> None:
    logging.getLogger("mlflow").setLevel(logging.ERROR)
    signature = mlflow.models.infer_signature(example, np.array([1.0]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mlflow.pyfunc.save_model(path, python_model=model, signature=signature, pip_requirements=["numpy"])


# MLflow reads type hints as the signature; these have none.
class SumsColumns(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input["a"] + 10 * model_input["b"]


class SumsRows(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input.sum(axis=1)
