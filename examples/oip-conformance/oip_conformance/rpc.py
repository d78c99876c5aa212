"""The protocol over gRPC: messages from the .proto beside this, names of rpcs as they stand on the wire."""

import math
import os
import sys

from .report import Skipped, want
from .tensors import DATATYPES, alike, read

HERE = os.path.dirname(os.path.abspath(__file__))
SERVICE = "/inference.GRPCInferenceService/"


def messages(file):
    import grpc

    if HERE not in sys.path:
        sys.path.insert(0, HERE)
    return grpc.protos(file)


class Rpc:
    def __init__(self, address, report, rest):
        import grpc

        self.grpc, self.pb, self.report, self.rest = grpc, messages("open_inference_core.proto"), report, rest
        self.channel = grpc.insecure_channel(address)

    def call(self, rpc, messages=None, compression=None, **fields):
        """`messages`: where the rpc's are, if not in the core."""
        messages = messages or self.pb
        request, response = getattr(messages, rpc + "Request"), getattr(messages, rpc + "Response")
        run = self.channel.unary_unary(SERVICE + rpc, request.SerializeToString, response.FromString)
        return run(request(**fields), timeout=60, compression=compression)

    def run(self):
        check, model, version = self.report.check, self.rest.model, self.rest.version
        check("grpc.server.live", lambda: want(self.call("ServerLive").live, "live is false"))
        check("grpc.server.ready", lambda: want(self.call("ServerReady").ready, "ready is false"))
        check("grpc.server.metadata", lambda: want(self.call("ServerMetadata").name, "there is no name"))
        check("grpc.model.ready", lambda: want(self.call("ModelReady", name=model, version=version).ready, "ready is false"))
        check("grpc.model.metadata-is-that-of-rest", self.metadata)
        if self.rest.metadata is None:
            return
        check("grpc.infer.typed", lambda: self.same(self.infer()))
        check("grpc.infer.raw", lambda: self.same(self.infer(raw=True)))
        check("grpc.infer.id-is-echoed", lambda: want(self.infer(id="42").id == "42", "the id is another"))
        check("grpc.infer.output-by-name", self.by_name)
        self.faults()

    def metadata(self):
        page, rest = self.call("ModelMetadata", name=self.rest.model, version=self.rest.version), self.rest.metadata
        want(page.name == self.rest.model, f"name is {page.name!r}")
        if rest is None:
            return
        for side in ("inputs", "outputs"):
            found = [(t.name, t.datatype, list(t.shape)) for t in getattr(page, side)]
            expected = [(t["name"], t["datatype"], t["shape"]) for t in rest[side]]
            want(found == expected, f"{side} are {found}, over HTTP {expected}")

    def tensors(self, raw, model=None, length=1):
        pb, inputs = self.pb.ModelInferRequest.InferInputTensor, []
        for tensor in (model or self.rest).inputs(length=length):
            message = pb(name=tensor.name, datatype=tensor.datatype, shape=tensor.shape)
            if not raw:
                field = DATATYPES[tensor.datatype][2]
                if field is None:
                    raise Skipped(f"{tensor.datatype} has no typed contents")
                elements = [text.encode() for text in tensor.elements] if tensor.datatype == "BYTES" else tensor.elements
                getattr(message.contents, field).extend(elements)
            inputs.append(message)
        return inputs

    def request(self, raw=False, model=None, length=1, **fields):
        """Of the first model, if it is not of another."""
        model = model or self.rest
        given = {"model_name": model.model, "model_version": model.version, "inputs": self.tensors(raw, model, length)}
        if raw:
            given["raw_input_contents"] = [tensor.raw() for tensor in model.inputs(length=length)]
        return {**given, **fields}

    def infer(self, raw=False, compression=None, **fields):
        return self.call("ModelInfer", compression=compression, **self.request(raw, **fields))

    def outputs(self, response):
        found = {}
        for i, output in enumerate(response.outputs):
            if response.raw_output_contents:
                elements = read(output.datatype, response.raw_output_contents[i])
            else:
                elements = list(getattr(output.contents, DATATYPES[output.datatype][2]))
                elements = [one.decode("utf-8", "replace") for one in elements] if output.datatype == "BYTES" else elements
            want(len(elements) == math.prod(output.shape), f"{output.name} has {len(elements)} elements of shape {list(output.shape)}")
            found[output.name] = elements
        return found

    def same(self, response, model=None):
        found, rest = self.outputs(response), (model or self.rest).answered
        want(found, "there are no outputs")
        if rest is None:
            return
        want(found.keys() == rest.keys(), f"outputs are {sorted(found)}, over HTTP {sorted(rest)}")
        for name, elements in found.items():
            want(alike(elements, rest[name]), f"{name} is {elements[:4]}, over HTTP {rest[name][:4]}")

    def by_name(self):
        names = [output.name for output in self.infer().outputs]
        asked = self.pb.ModelInferRequest.InferRequestedOutputTensor(name=names[0])
        found = [output.name for output in self.infer(outputs=[asked]).outputs]
        want(found == names[:1], f"outputs are {found}")

    def refused(self, name, run, codes):
        def refusal():
            try:
                run()
            except self.grpc.RpcError as error:
                want(error.code().name in codes, f"the status is {error.code().name}: {error.details()}")
                want(error.details(), "the status has no message")
                return
            raise AssertionError("it is answered")

        self.report.check("grpc.refuses." + name, refusal)

    def faults(self):
        invalid = ("INVALID_ARGUMENT",)

        def changed(**fields):
            inputs = self.tensors(raw=False)
            for name, value in fields.items():
                if isinstance(value, list):
                    inputs[0].ClearField(name)
                    getattr(inputs[0], name).extend(value)
                else:
                    setattr(inputs[0], name, value)
            return self.infer(inputs=inputs)

        first = self.rest.inputs()[0]
        rest = self.rest.inputs()
        self.refused("unknown-model", lambda: self.call("ModelMetadata", name="no-such-model-here"), ("NOT_FOUND",))
        self.refused("inference-of-unknown-model", lambda: self.infer(model_name="no-such-model-here"), ("NOT_FOUND",))
        self.refused("missing-input", lambda: self.infer(inputs=[]), invalid)
        self.refused("elements-that-do-not-fill-the-shape", lambda: changed(shape=[extent + 1 for extent in first.shape]), invalid)
        self.refused("negative-extent", lambda: changed(shape=[-1] + first.shape[1:]), invalid)
        self.refused("shape-beyond-counting", lambda: changed(shape=[2**62, 4]), invalid)
        self.refused("unknown-datatype", lambda: changed(datatype="FP12"), invalid)
        self.refused("contents-of-another-type", lambda: changed(datatype="INT64" if first.datatype != "INT64" else "FP32"), invalid)
        self.refused("typed-and-raw-at-once", lambda: self.infer(raw_input_contents=[tensor.raw() for tensor in rest]), invalid)
        self.refused("too-few-raw-contents", lambda: self.infer(raw=True, raw_input_contents=[rest[0].raw()[:-1]]), invalid)
        asked = self.pb.ModelInferRequest.InferRequestedOutputTensor(name="no-such-output")
        self.refused("unknown-output", lambda: self.infer(outputs=[asked]), invalid)
