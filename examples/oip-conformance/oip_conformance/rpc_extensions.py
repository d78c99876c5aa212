"""What servers have over gRPC beyond the protocol's core, and the standard services beside it."""

from .report import Skipped, want
from .rest_extensions import INFER_STATISTICS, TIMEOUT
from .rpc import SERVICE, messages

SERVING = 1
REFLECTION = ("/grpc.reflection.v1.ServerReflection/", "/grpc.reflection.v1alpha.ServerReflection/")


class RpcExtensions:
    def __init__(self, rpc, extensions):
        self.rpc, self.extensions, self.rest = rpc, extensions, extensions.rest
        self.grpc, self.pb, self.report = rpc.grpc, rpc.pb, rpc.report
        self.more, self.beside = messages("open_inference_extensions.proto"), messages("standard_services.proto")

    def run(self):
        if self.rest.metadata is not None:
            self.half()
            self.empty()
            self.compression()
            self.schedule()
            self.classification()
            self.streams()
            self.others()
        self.health()
        self.reflection()

    def check(self, name, run, without):
        """`without`: why there is nothing to check where the server says UNIMPLEMENTED."""

        def where_it_is():
            try:
                return run()
            except self.grpc.RpcError as error:
                if error.code().name == "UNIMPLEMENTED":
                    raise Skipped(without) from None
                raise

        self.report.check(name, where_it_is)

    def half(self):
        for datatype in ("FP16", "BF16"):
            takes = self.extensions.taking(datatype)
            self.report.check(f"grpc.{datatype.lower()}.raw", lambda: self.in_half(takes()))
            self.rpc.refused(f"{datatype.lower()}-typed", lambda: self.half_typed(takes(), datatype), ("INVALID_ARGUMENT",))

    def in_half(self, model):
        self.rpc.same(self.rpc.infer(raw=True, model=model), model)

    def half_typed(self, model, datatype):
        inputs = self.rpc.tensors(raw=True, model=model)
        for message, tensor in zip(inputs, model.inputs()):
            message.contents.fp32_contents.extend([0.0] * len(tensor.elements))
        return self.rpc.infer(raw=True, model=model, inputs=inputs, raw_input_contents=[])

    def empty(self):
        def run():
            model = self.extensions.first(lambda one: one.may_be_empty(), "has an open extent besides the batch's")
            try:
                typed = self.rpc.outputs(self.rpc.infer(model=model, length=0))
            except self.grpc.RpcError as error:
                if error.code().name == "INVALID_ARGUMENT":
                    raise Skipped(f"the model takes no empty tensor: {error.details()}") from None
                raise
            raw = self.rpc.outputs(self.rpc.infer(raw=True, model=model, length=0))
            want(raw == typed, f"{raw}, typed {typed}")

        self.report.check("grpc.infer.empty-tensor", run)

    def compression(self):
        for name, algorithm in (("gzip", self.grpc.Compression.Gzip), ("deflate", self.grpc.Compression.Deflate)):
            self.check(
                f"grpc.compression.{name}",
                lambda: self.rpc.same(self.rpc.infer(raw=True, compression=algorithm)),
                f"the server does not take {name}",
            )

    def schedule(self):
        def run(field):
            self.rest.need("schedule_policy")
            timeout, priority = self.pb.InferParameter(**{field: TIMEOUT}), self.pb.InferParameter(**{field: 1})
            self.rpc.same(self.rpc.infer(parameters={"timeout": timeout, "priority": priority}))

        for kind in ("int64", "uint64"):
            self.report.check(f"grpc.timeout-and-priority-as-{kind}", lambda: run(kind + "_param"))

    def classification(self):
        def run():
            self.rest.need("classification")
            name = self.extensions.ordered()
            asked = self.pb.ModelInferRequest.InferRequestedOutputTensor(name=name)
            asked.parameters["classification"].int64_param = 1
            response = self.rpc.infer(outputs=[asked])
            (output,) = response.outputs
            elements = self.rpc.outputs(response)[output.name]
            self.extensions.checked(name, 1, output.name, output.datatype, list(output.shape), elements)
            want(self.extensions.classes in (None, elements), f"{elements}, over HTTP {self.extensions.classes}")

        self.report.check("grpc.classification", run)

    def streams(self):
        without = "the server does not have ModelStreamInfer"
        self.check("grpc.stream.infer", self.streamed, without)
        self.check("grpc.stream.goes-on-after-a-fault", self.streamed_with_a_fault, without)
        self.check("grpc.stream.ends-with-the-status-where-that-is-asked-for", self.streamed_for_statuses, without)

    def stream(self, *requests, **metadata):
        run = self.rpc.channel.stream_stream(SERVICE + "ModelStreamInfer", self.pb.ModelInferRequest.SerializeToString, bytes)
        sent = [self.pb.ModelInferRequest(**request) for request in requests]
        return [self.message(answer) for answer in run(iter(sent), timeout=60, metadata=tuple(metadata.items()))]

    def message(self, answer):
        from google.protobuf.message import DecodeError

        try:
            return self.more.ModelStreamInferResponse.FromString(answer)
        except DecodeError:
            raise AssertionError("an answer is no ModelStreamInferResponse") from None

    def streamed(self):
        answers = self.stream(*(self.rpc.request(raw=raw, id=str(i)) for i, raw in enumerate((True, False, True))))
        for answer in answers:
            want(not answer.error_message, f"error_message is {answer.error_message!r}")
            self.rpc.same(answer.infer_response)
        found = sorted(answer.infer_response.id for answer in answers)
        want(found == ["0", "1", "2"], f"the ids are {found}")

    def streamed_with_a_fault(self):
        good, bad = self.rpc.request(raw=True), self.rpc.request(raw=True, model_name="no-such-model-here")
        answers = self.stream(good, bad, good)
        want(len(answers) == 3, f"{len(answers)} answers to three requests")
        fine = [answer for answer in answers if not answer.error_message]
        want(len(fine) == 2, f"{len(fine)} of two have no error_message")
        for answer in fine:
            self.rpc.same(answer.infer_response)

    def streamed_for_statuses(self):
        try:
            answers = self.stream(self.rpc.request(raw=True, model_name="no-such-model-here"), triton_grpc_error="true")
        except self.grpc.RpcError as error:
            if error.code().name == "UNIMPLEMENTED":
                raise
            want(error.code().name == "NOT_FOUND", f"the status is {error.code().name}: {error.details()}")
            return
        raise AssertionError(f"the stream ends well after {len(answers)} answers")

    def others(self):
        check = self.report.check
        check("grpc.statistics", self.statistics)
        check("grpc.repository-index", self.index)
        check("grpc.model-configuration", self.configuration)

    def statistics(self):
        self.rest.need("statistics")
        before = self.extensions.successes()
        self.rpc.infer(raw=True)
        found = self.rpc.call("ModelStatistics", self.more, name=self.rest.model, version=self.rest.version).model_stats
        want(found and all(one.name == self.rest.model for one in found), f"they are of {[one.name for one in found]}")
        for one in found:
            for key in INFER_STATISTICS:
                want(one.inference_stats.HasField(key), f"{key} is not there")
        after = sum(one.inference_stats.success.count for one in found)
        want(after > before, f"{before} successes over HTTP have become {after} by one more")

    def index(self):
        self.rest.need("model_repository")
        found = {line.name: line.state for line in self.rpc.call("RepositoryIndex", self.more, ready=True).models}
        want(found.get(self.rest.model) == "READY", f"{self.rest.model} is {found.get(self.rest.model)!r}")
        want(set(found.values()) == {"READY"}, f"not only what is ready: {found}")

    def configuration(self):
        self.rest.need("model_configuration")
        config = self.rpc.call("ModelConfig", self.more, name=self.rest.model, version=self.rest.version).config
        want(config.name == self.rest.model, f"the name is {config.name!r}")
        for side in ("input", "output"):
            names = [tensor.name for tensor in getattr(config, side)]
            want(names == [tensor["name"] for tensor in self.rest.metadata[side + "s"]], f"{side} is {names}")
            want(all(tensor.data_type > 0 for tensor in getattr(config, side)), f"a data_type of {side} is not known")

    def health(self):
        without = "the server does not have grpc.health.v1"
        self.check("grpc.health.check", lambda: self.serving(self.asked("")), without)
        self.check("grpc.health.unknown-service", self.unknown, without)
        self.check("grpc.health.watch", self.watched, "the server does not have grpc.health.v1's Watch")

    def health_messages(self):
        return self.beside.HealthCheckRequest.SerializeToString, self.beside.HealthCheckResponse.FromString

    def serving(self, response):
        want(response.status == SERVING, f"the status is {response.status}")

    def asked(self, service):
        check = self.rpc.channel.unary_unary("/grpc.health.v1.Health/Check", *self.health_messages())
        return check(self.beside.HealthCheckRequest(service=service), timeout=60)

    def unknown(self):
        try:
            found = self.asked("no.such.Service")
        except self.grpc.RpcError as error:
            if error.code().name == "UNIMPLEMENTED":
                raise
            want(error.code().name == "NOT_FOUND", f"the status is {error.code().name}")
            return
        raise AssertionError(f"the status is {found.status} of a service that is not there")

    def watched(self):
        watch = self.rpc.channel.unary_stream("/grpc.health.v1.Health/Watch", *self.health_messages())
        changes = watch(self.beside.HealthCheckRequest(), timeout=60)
        try:
            self.serving(next(changes))
        finally:
            changes.cancel()

    def reflection(self):
        without = "the server has no reflection"
        self.check("grpc.reflection.lists-the-service", self.listed, without)
        self.check("grpc.reflection.describes-the-service", self.described, without)

    def reflected(self, **asked):
        """By the version of the service that the server has."""
        request, response = self.beside.ServerReflectionRequest, self.beside.ServerReflectionResponse
        for service in REFLECTION:
            run = self.rpc.channel.stream_stream(service + "ServerReflectionInfo", request.SerializeToString, response.FromString)
            try:
                return next(run(iter([request(**asked)]), timeout=60))
            except self.grpc.RpcError as error:
                if error.code().name != "UNIMPLEMENTED" or service == REFLECTION[-1]:
                    raise

    def listed(self):
        names = [one.name for one in self.reflected(list_services="").list_services_response.service]
        want("inference.GRPCInferenceService" in names, f"the services are {names}")

    def described(self):
        from google.protobuf.descriptor_pb2 import FileDescriptorProto

        answer = self.reflected(file_containing_symbol="inference.GRPCInferenceService")
        files = [FileDescriptorProto.FromString(file) for file in answer.file_descriptor_response.file_descriptor_proto]
        rpcs = {method.name for file in files for service in file.service if service.name == "GRPCInferenceService" for method in service.method}
        missing = {"ServerLive", "ServerReady", "ModelReady", "ServerMetadata", "ModelMetadata", "ModelInfer"} - rpcs
        want(not missing, f"not described: {sorted(missing)}")
