"""What servers have over HTTP beyond the protocol's core: each only where the server names it."""

import gzip
import json
import math
import re
import zlib

from .report import Skipped, want
from .rest import LENGTH
from .tensors import alike

INFER_STATISTICS = ("success", "fail", "queue", "compute_input", "compute_infer", "compute_output", "cache_hit", "cache_miss")
STATES = ("UNKNOWN", "READY", "UNAVAILABLE", "LOADING", "UNLOADING")
PACK = {"gzip": gzip.compress, "deflate": zlib.compress}
TIMEOUT = 30_000_000
CLASS = re.compile(r"[^:]+:\d+(:.*)?", re.DOTALL)


def accepted(answer):
    want(answer.status == 200, f"infer answers {answer.status}: {answer.body[:160]!r}")
    return answer


def head(model, length=1, **more):
    return {"inputs": [tensor.as_binary() for tensor in model.inputs(length=length)], **more}


def tail(model, length=1):
    return b"".join(tensor.raw() for tensor in model.inputs(length=length))


class RestExtensions:
    """Asks the first model, and of the others what the first cannot show."""

    def __init__(self, rest, others):
        self.rest, self.report = rest, rest.report
        self.models = [model for model in (rest, *others) if model.metadata is not None]
        self.classes = None

    def check(self, name, extension, run):
        def where_it_is():
            self.rest.need(extension)
            return run()

        return self.report.check(name, where_it_is)

    def run(self):
        if self.rest.metadata is None:
            return
        self.binary()
        self.half()
        self.compression()
        self.schedule()
        self.classification()
        self.others()

    def first(self, that, what):
        for model in self.models:
            if that(model):
                return model
        raise Skipped(f"no model here {what}: name one with --also")

    # binary_tensor_data

    def binary(self):
        rest, name = self.rest, "binary_tensor_data"
        infer = rest.path("/infer")

        def asked(body):
            return accepted(rest.ask("POST", infer, body))

        def in_binary(answer):
            want(accepted(answer).json_length, f"there is no {LENGTH}")
            want(answer.type == "application/octet-stream", f"the type is {answer.type!r}")
            page = json.loads(answer.body[: int(answer.json_length)])
            want(all("binary_data_size" in (output.get("parameters") or {}) for output in page["outputs"]), "an output is not binary")
            rest.same(answer)

        def in_json(answer):
            want(accepted(answer).json_length is None, f"there is {LENGTH} and no binary output")
            want(answer.type == "application/json", f"the type is {answer.type!r}")
            rest.same(answer)

        def outputs(binary):
            if not rest.answered:
                raise Skipped("nothing was answered")
            return [{"name": output, "parameters": {"binary_data": binary}} for output in rest.answered]

        by_default = {"binary_data_output": True}
        self.check("rest.binary.in", name, lambda: in_json(rest.packed(head(rest), tail(rest))))
        self.check("rest.binary.out", name, lambda: in_binary(asked({**rest.body(), "parameters": by_default})))
        self.check("rest.binary.out-by-output", name, lambda: in_binary(asked({**rest.body(), "outputs": outputs(True)})))
        self.check("rest.binary.output-overrides", name, lambda: in_json(asked({**rest.body(), "parameters": by_default, "outputs": outputs(False)})))
        self.check("rest.binary.both", name, lambda: in_binary(rest.packed(head(rest, parameters=by_default), tail(rest))))
        self.check("rest.binary.raw-request", name, lambda: in_binary(self.raw()))
        self.check("rest.binary.empty-tensor", name, self.empty)
        for what, ask in (
            ("a-cut-tail", lambda: rest.packed(head(rest), tail(rest)[:-1])),
            ("bytes-behind-the-tail", lambda: rest.packed(head(rest), tail(rest) + b"\0")),
            ("a-length-beyond-the-body", lambda: rest.packed(head(rest), tail(rest), 10**9)),
            ("a-negative-length", lambda: rest.packed(head(rest), tail(rest), -1)),
        ):
            rest.refused("binary." + what, self.where(name, ask))

    def where(self, extension, ask):
        def where_it_is():
            self.rest.need(extension)
            return ask()

        return where_it_is

    def raw(self):
        """The whole body is the one tensor: no JSON says its shape."""
        inputs = self.rest.inputs()
        if len(inputs) != 1 or self.rest.given is not None:
            raise Skipped("the model has more than one input, or its request is given")
        if sum(extent < 0 for extent in self.rest.metadata["inputs"][0]["shape"][1:]) > 1:
            raise Skipped("more than one extent is open")
        tensor = inputs[0]
        if tensor.datatype == "BYTES" and len(tensor.elements) != 1:
            raise Skipped("a raw text is one element")
        body = tensor.elements[0].encode() if tensor.datatype == "BYTES" else tensor.raw()
        return self.rest.ask("POST", self.rest.path("/infer"), body, {LENGTH: "0", "Content-Type": "application/octet-stream"})

    def empty(self):
        """A tensor without elements is the same in binary, where it takes no bytes, as in JSON."""
        model = self.first(lambda one: one.may_be_empty(), "has an open extent besides the batch's")
        in_json = model.ask("POST", model.path("/infer"), model.body(length=0))
        if in_json.status == 400:
            raise Skipped(f"the model takes no empty tensor: {in_json.body[:120]!r}")
        expected = model.outputs(accepted(in_json))
        sizes = [tensor["parameters"]["binary_data_size"] for tensor in head(model, length=0)["inputs"]]
        want(0 in sizes, f"the sizes are {sizes}")
        found = model.outputs(accepted(model.packed(head(model, length=0), tail(model, length=0))))
        want(found.keys() == expected.keys() and all(alike(found[key], expected[key]) for key in found), f"{found}, in JSON {expected}")

    # FP16 and BF16: what they are in JSON is the server's choice, and Triton has neither

    def half(self):
        for datatype in ("FP16", "BF16"):
            takes = self.taking(datatype)
            self.check(f"rest.{datatype.lower()}.binary", "binary_tensor_data", lambda: self.in_half(takes()))
            self.report.check(f"rest.{datatype.lower()}.json-is-read-or-refused", lambda: self.half_in_json(takes(), datatype))

    def taking(self, datatype):
        return lambda: self.first(lambda model: model.takes(datatype), f"takes {datatype}")

    def in_half(self, model):
        answer = accepted(model.packed(head(model, parameters={"binary_data_output": True}), tail(model)))
        want(answer.json_length, f"there is no {LENGTH}")
        model.same(answer)
        model.answered = model.outputs(answer)

    def half_in_json(self, model, datatype):
        inputs = [tensor.as_json() if tensor.datatype == datatype else tensor.as_binary() for tensor in model.inputs()]
        rest = b"".join(tensor.raw() for tensor in model.inputs() if tensor.datatype != datatype)
        body = {"inputs": inputs, "parameters": {"binary_data_output": True}}
        answer = model.packed(body, rest) if rest else model.ask("POST", model.path("/infer"), body)
        if answer.status == 400:
            want(isinstance(answer.json().get("error"), str), f"there is no error in {answer.body[:120]!r}")
        else:
            model.same(accepted(answer))

    # no extension's name stands for compressed bodies: whoever does not take them says so

    def compression(self):
        rest, check = self.rest, self.report.check
        for encoding, pack in PACK.items():
            check(f"rest.compression.{encoding}-in", lambda: rest.same(self.sent(encoding, pack)))
            check(f"rest.compression.{encoding}-out", lambda: rest.same(self.compressed(encoding, rest.infer(rest.body(), {"Accept-Encoding": encoding}))))
            self.check(f"rest.compression.{encoding}-of-binary", "binary_tensor_data", lambda: self.packed_twice(encoding, pack))
        broken = {"Content-Type": "application/json", "Content-Encoding": "gzip"}
        rest.refused("encoding-that-is-not-there", lambda: self.not_compressed(broken))
        unknown = {**broken, "Content-Encoding": "no-such-encoding"}
        rest.refused("unknown-encoding", lambda: rest.ask("POST", rest.path("/infer"), json.dumps(rest.body()).encode(), unknown), 501)

    def not_compressed(self, headers):
        self.sent("gzip", gzip.compress)
        return self.rest.ask("POST", self.rest.path("/infer"), b"this is not gzip", headers)

    def sent(self, encoding, pack):
        packed = pack(json.dumps(self.rest.body()).encode())
        answer = self.rest.ask("POST", self.rest.path("/infer"), packed, {"Content-Type": "application/json", "Content-Encoding": encoding})
        return self.taken(encoding, answer)

    def taken(self, encoding, answer):
        if answer.status in (415, 501):
            raise Skipped(f"the server does not take {encoding}: {answer.body[:120]!r}")
        return accepted(answer)

    def compressed(self, encoding, answer):
        if not answer.encoding:
            raise Skipped("the answer is not compressed, which is the server's choice")
        want(answer.encoding == encoding, f"the answer is in {answer.encoding!r}")
        return answer

    def packed_twice(self, encoding, pack):
        """The length that the header has is the JSON's before it was compressed, in both directions."""
        text = json.dumps(head(self.rest, parameters={"binary_data_output": True})).encode()
        headers = {LENGTH: str(len(text)), "Content-Type": "application/octet-stream", "Content-Encoding": encoding, "Accept-Encoding": encoding}
        answer = self.taken(encoding, self.rest.ask("POST", self.rest.path("/infer"), pack(text + tail(self.rest)), headers))
        want(answer.json_length, f"there is no {LENGTH}")
        self.rest.same(self.compressed(encoding, answer))

    # schedule_policy

    def schedule(self):
        rest = self.rest

        def with_parameters(**parameters):
            rest.same(rest.infer({**rest.body(), "parameters": parameters}))

        self.check("rest.timeout-and-priority", "schedule_policy", lambda: with_parameters(timeout=TIMEOUT, priority=1))
        self.check("rest.timeout-beyond-32-bits", "schedule_policy", lambda: with_parameters(timeout=2**33, priority=2**33))
        self.check("rest.timeout-and-priority-of-none", "schedule_policy", lambda: with_parameters(timeout=0, priority=0))

    # classification

    def classification(self):
        self.classes = self.check("rest.classification", "classification", lambda: self.highest(1))
        self.check("rest.classification-is-in-order", "classification", lambda: self.highest(2) and None)

    def ordered(self):
        """The name of the first output that is numbers."""
        for name, elements in (self.rest.answered or {}).items():
            if elements and all(isinstance(one, (int, float)) and not isinstance(one, bool) for one in elements):
                return name
        raise Skipped("no output is numbers")

    def highest(self, count):
        name = self.ordered()
        answer = self.rest.infer({**self.rest.body(), "outputs": [{"name": name, "parameters": {"classification": count}}]})
        (output,) = answer.json()["outputs"]
        return self.checked(name, count, output["name"], output["datatype"], output["shape"], output["data"])

    def checked(self, name, count, found, datatype, shape, elements):
        want(found == name and datatype == "BYTES", f"the output is {found} of {datatype}")
        want(shape and 1 <= shape[-1] <= count and math.prod(shape) == len(elements), f"the shape is {shape} for {len(elements)} elements")
        want(all(CLASS.fullmatch(one) for one in elements), f"not every element is value:index: {elements}")
        for at in range(0, len(elements), shape[-1]):
            row = [one.split(":", 2) for one in elements[at : at + shape[-1]]]
            values = [float(one[0]) for one in row]
            want(values == sorted(values, reverse=True), f"the values are not in order: {values}")
            want(len({one[1] for one in row}) == len(row), f"an index comes twice: {elements}")
        return elements

    # statistics, model_repository, model_configuration

    def others(self):
        rest = self.rest
        self.check("rest.statistics", "statistics", self.statistics)
        self.check("rest.statistics-of-all", "statistics", lambda: self.counted(rest.get("/v2/models/stats")))
        self.check("rest.statistics-count", "statistics", self.counts)
        self.check("rest.repository-index", "model_repository", lambda: self.indexed({}) and None)
        self.check("rest.repository-index-without-a-body", "model_repository", lambda: self.indexed(None) and None)
        self.check("rest.repository-index-of-what-is-ready", "model_repository", self.ready)
        rest.refused("index-of-no-boolean", self.where("model_repository", lambda: rest.ask("POST", "/v2/repository/index", {"ready": "yes"})))
        self.check("rest.model-configuration", "model_configuration", self.configuration)

    def counted(self, answer):
        found = answer.json()["model_stats"]
        for one in found:
            for key in ("last_inference", "inference_count", "execution_count"):
                want(isinstance(one.get(key), int), f"{key} is {one.get(key)!r}")
            for key in INFER_STATISTICS:
                took = one["inference_stats"].get(key)
                want(isinstance(took, dict) and all(isinstance(took.get(part), int) for part in ("count", "ns")), f"{key} is {took!r}")
        want(any(one["name"] == self.rest.model for one in found), f"{self.rest.model} is not among them")
        return found

    def statistics(self):
        self.counted(self.rest.get(self.rest.path("/stats")))

    def successes(self):
        return sum(one["inference_stats"]["success"]["count"] for one in self.counted(self.rest.get(self.rest.path("/stats"))))

    def counts(self):
        before = self.successes()
        self.rest.infer(self.rest.body())
        after = self.successes()
        want(after > before, f"{before} successes have become {after} by one more")

    def indexed(self, body):
        answer = self.rest.ask("POST", "/v2/repository/index", body)
        want(answer.status == 200 and isinstance(answer.json(), list), f"status {answer.status}: {answer.body[:80]!r}")
        for line in answer.json():
            want(isinstance(line.get("name"), str), f"a name is {line.get('name')!r}")
            want(line.get("state", "READY") in STATES, f"the state of {line['name']} is {line['state']!r}")
        want(any(line["name"] == self.rest.model for line in answer.json()), f"{self.rest.model} is not among them")
        return answer.json()

    def ready(self):
        others = [line for line in self.indexed({"ready": True}) if line.get("state", "READY") != "READY"]
        want(not others, f"not ready: {others}")

    def configuration(self):
        page = self.rest.get(self.rest.path("/config")).json()
        want(page.get("name") == self.rest.model, f"the name is {page.get('name')!r}")
        want(isinstance(page.get("max_batch_size"), int), f"max_batch_size is {page.get('max_batch_size')!r}")
        for side in ("input", "output"):
            names = [tensor.get("name") for tensor in page.get(side, [])]
            want(names == [tensor["name"] for tensor in self.rest.metadata[side + "s"]], f"{side} is {names}")
            for tensor in page[side]:
                want(str(tensor.get("data_type")).startswith("TYPE_"), f"data_type of {tensor['name']} is {tensor.get('data_type')!r}")
                want(isinstance(tensor.get("dims"), list), f"dims of {tensor['name']} are {tensor.get('dims')!r}")
