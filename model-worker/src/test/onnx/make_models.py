"""Write the small ONNX files of the tests, and the three Cast graphs that the runtime itself uses.

Run from anywhere, with the packages of requirements.txt. The same versions write the same bytes.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from onnx import ModelProto, NodeProto, TensorProto, ValueInfoProto, helper, numpy_helper
from skl2onnx import to_onnx
from sklearn.base import BaseEstimator
from sklearn.calibration import CalibratedClassifierCV
from sklearn.linear_model import LinearRegression, LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neural_network import MLPClassifier
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier

SOURCES = Path(__file__).resolve().parents[2]
TEST_MODELS = SOURCES / "test/resources/onnx"
OWN_MODELS = SOURCES / "main/resources/io/clipper/model/runtime/onnx"
OPSETS = {"": 18, "ai.onnx.ml": 3}
IR_VERSION = 8

TYPES = {
    "bool": TensorProto.BOOL,
    "uint8": TensorProto.UINT8,
    "uint16": TensorProto.UINT16,
    "uint32": TensorProto.UINT32,
    "uint64": TensorProto.UINT64,
    "int8": TensorProto.INT8,
    "int16": TensorProto.INT16,
    "int32": TensorProto.INT32,
    "int64": TensorProto.INT64,
    "fp16": TensorProto.FLOAT16,
    "fp32": TensorProto.FLOAT,
    "fp64": TensorProto.DOUBLE,
    "bf16": TensorProto.BFLOAT16,
    "bytes": TensorProto.STRING,
}
FLOAT = TensorProto.FLOAT
INT64 = TensorProto.INT64


def write(model: ModelProto, folder: Path, name: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.onnx").write_bytes(model.SerializeToString(deterministic=True))


def graph(
    nodes: Sequence[NodeProto],
    inputs: Sequence[ValueInfoProto],
    outputs: Sequence[ValueInfoProto],
    constants: Sequence[TensorProto] = (),
) -> ModelProto:
    body = helper.make_graph(list(nodes), "graph", list(inputs), list(outputs), list(constants))
    imports = [helper.make_opsetid(domain, version) for domain, version in OPSETS.items()]
    return helper.make_model(body, opset_imports=imports, ir_version=IR_VERSION)


def tensor(name: str, element: int, shape: Sequence[int | str | None]) -> ValueInfoProto:
    return helper.make_tensor_value_info(name, element, shape)


def one_node(operator: str, element: int, rows: Sequence, out: Sequence, **attributes) -> ModelProto:
    node = helper.make_node(operator, ["x"], ["y"], **attributes)
    return graph([node], [tensor("x", element, rows)], [tensor("y", element, out)])


def write_casts() -> None:
    for name in ("uint16", "uint32", "uint64"):
        node = helper.make_node("Cast", ["signed"], ["unsigned"], to=TYPES[name])
        # Without a shape, which the checker asks for and ONNX Runtime does not, the graph takes any.
        signed = tensor("signed", TYPES[name.removeprefix("u")], None)
        write(graph([node], [signed], [tensor("unsigned", TYPES[name], None)]), OWN_MODELS, f"as-{name}")


def write_plain_graphs() -> None:
    for name, element in TYPES.items():
        write(one_node("Identity", element, ["n", 3], ["n", 3]), TEST_MODELS, f"identity-{name}")
    write(one_node("Identity", FLOAT, ["n", "m"], ["n", "m"]), TEST_MODELS, "dynamic")
    write(one_node("Identity", FLOAT, ["n", "m", 2], ["n", "m", 2]), TEST_MODELS, "dynamic-pairs")
    write(one_node("Identity", FLOAT, ["n", "a", "b"], ["n", "a", "b"]), TEST_MODELS, "dynamic-matrix")
    write(one_node("Identity", FLOAT, ["n", 8, 8], ["n", 8, 8]), TEST_MODELS, "matrix")
    write(one_node("Identity", FLOAT, [1, 4], [1, 4]), TEST_MODELS, "fixed-one")
    write(one_node("Identity", FLOAT, [5, 4], [5, 4]), TEST_MODELS, "fixed-five")
    write(one_node("Identity", FLOAT, [], []), TEST_MODELS, "no-batch")
    write(one_node("Neg", FLOAT, ["n"], ["n"]), TEST_MODELS, "scalar-rows")
    write(one_node("ReduceSum", FLOAT, ["n", 3], [1], keepdims=0), TEST_MODELS, "sum-of-batch")


def write_sums() -> None:
    axes = numpy_helper.from_array(np.array([1], np.int64), "axes")
    node = helper.make_node("ReduceSum", ["x", "axes"], ["y"], keepdims=0)
    sums = graph([node], [tensor("x", FLOAT, ["n", "m"])], [tensor("y", FLOAT, ["n"])], [axes])
    write(sums, TEST_MODELS, "sum-of-row")
    nodes = [
        helper.make_node("Cast", ["count"], ["number"], to=FLOAT),
        helper.make_node("Mul", ["x", "number"], ["scaled"]),
        helper.make_node("Identity", ["name"], ["same_name"]),
    ]
    inputs = [tensor("x", FLOAT, ["n", 2]), tensor("count", INT64, ["n", 1]), tensor("name", TYPES["bytes"], ["n"])]
    outputs = [tensor("scaled", FLOAT, ["n", 2]), tensor("same_name", TYPES["bytes"], ["n"])]
    write(graph(nodes, inputs, outputs), TEST_MODELS, "several-inputs")


def write_label_graphs() -> None:
    """Hand-made classifiers: an arg max over the input, which is returned as the probabilities."""
    top = helper.make_node("ArgMax", ["x"], ["label"], axis=1, keepdims=0)
    same = helper.make_node("Identity", ["x"], ["probabilities"])
    embedding = helper.make_node("Identity", ["x"], ["embedding"])
    x = tensor("x", FLOAT, ["n", 3])
    label = tensor("label", INT64, ["n"])
    write(graph([same, top], [x], [tensor("probabilities", FLOAT, ["n", 3]), label]), TEST_MODELS, "counted-labels")
    write(graph([top, embedding], [x], [label, tensor("embedding", FLOAT, ["n", 3])]), TEST_MODELS, "label-and-embedding")
    constant = helper.make_node("Constant", [], ["classes"], value=helper.make_tensor("", TYPES["bytes"], [3], ["a", "b", "c"]))
    index = helper.make_node("ArgMax", ["x"], ["index"], axis=1, keepdims=0)
    pick = helper.make_node("Gather", ["classes", "index"], ["label"])
    text = tensor("label", TYPES["bytes"], ["n"])
    write(graph([constant, index, pick, same], [x], [text, tensor("probabilities", FLOAT, ["n", 3])]), TEST_MODELS, "gathered-labels")


def write_refused_graphs() -> None:
    sequence = helper.make_tensor_sequence_value_info("x", FLOAT, ["n", 3])
    node = helper.make_node("ConcatFromSequence", ["x"], ["y"], axis=0)
    write(graph([node], [sequence], [tensor("y", FLOAT, [None, 3])]), TEST_MODELS, "sequence-input")
    node = helper.make_node("SequenceConstruct", ["x"], ["y"])
    made = helper.make_tensor_sequence_value_info("y", FLOAT, ["n", 3])
    write(graph([node], [tensor("x", FLOAT, ["n", 3])], [made]), TEST_MODELS, "sequence-output")
    complex_input = tensor("x", TensorProto.COMPLEX64, ["n", 3])
    node = helper.make_node("Identity", ["x"], ["y"])
    write(graph([node], [complex_input], [tensor("y", TensorProto.COMPLEX64, ["n", 3])]), TEST_MODELS, "complex-input")
    node = helper.make_node("ZipMap", ["x"], ["y"], domain="ai.onnx.ml", classlabels_int64s=[0, 1])
    maps = helper.make_sequence_type_proto(helper.make_map_type_proto(INT64, helper.make_tensor_type_proto(FLOAT, [])))
    only = helper.make_value_info("y", maps)
    write(graph([node], [tensor("x", FLOAT, ["n", 2])], [only]), TEST_MODELS, "maps-without-label")


def points(labels: Sequence[int | str]) -> tuple[np.ndarray, np.ndarray]:
    """Three well separated clouds, the first around (0, 0), the next around (4, 4) and (8, 8)."""
    which = np.arange(60) % len(labels)
    noise = np.random.RandomState(0).normal(0, 0.3, (60, 2))
    return (which[:, None] * 4 + noise).astype(np.float32), np.array(labels)[which]


def write_estimator(estimator: BaseEstimator, labels: Sequence, name: str, zipmap: bool | None) -> None:
    inputs, answers = points(labels)
    options = None if zipmap is None else {"zipmap": zipmap}
    model = to_onnx(estimator.fit(inputs, answers), inputs[:1], name=name, options=options, target_opset=OPSETS)
    domains = {entry.domain: entry.version for entry in model.opset_import}
    del model.opset_import[:]
    model.opset_import.extend(helper.make_opsetid(domain, version) for domain, version in sorted(domains.items()))
    write(model, TEST_MODELS, name)


def write_estimators() -> None:
    network = {"hidden_layer_sizes": (8,), "max_iter": 400, "random_state": 0, "learning_rate_init": 0.02}
    for kind, labels in {"numbers": [3, 5, 9], "texts": ["ant", "bee", "cat"], "two": ["no", "yes"]}.items():
        write_estimator(LogisticRegression(), labels, f"linear-{kind}", zipmap=False)
        write_estimator(LogisticRegression(), labels, f"linear-{kind}-zipmap", zipmap=True)
        write_estimator(DecisionTreeClassifier(random_state=0), labels, f"tree-{kind}", zipmap=False)
        write_estimator(MLPClassifier(**network), labels, f"network-{kind}", zipmap=False)
        write_estimator(GaussianNB(), labels, f"bayes-{kind}", zipmap=False)
        margin = CalibratedClassifierCV(LinearSVC(random_state=0), cv=3, ensemble=False)
        write_estimator(margin, labels, f"calibrated-{kind}", zipmap=False)
    write_estimator(LinearRegression(), [0.0, 40.0, 80.0], "regressor", zipmap=None)


def main() -> None:
    write_casts()
    write_plain_graphs()
    write_sums()
    write_label_graphs()
    write_refused_graphs()
    write_estimators()


if __name__ == "__main__":
    main()
