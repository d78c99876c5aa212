"""Whether the conformance kit finds faults: it is run against a node behind a proxy that makes one fault at a time.

Usage: faulty.py KIT HTTP_PORT GRPC_PORT ARGUMENTS_OF_THE_KIT…; one line for each fault, exit code 1 if one was not found."""

import functools
import http.client
import json
import re
import subprocess
import sys
import zlib
from concurrent import futures
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import grpc

KIT, HTTP_PORT, GRPC_PORT, *ARGUMENTS = sys.argv[1:]
sys.path.insert(0, KIT)

from oip_conformance.rpc import SERVICE, messages  # noqa: E402

core, more, beside = (messages(file) for file in ("open_inference_core.proto", "open_inference_extensions.proto", "standard_services.proto"))

LENGTH = "Inference-Header-Content-Length"
HTTP_FAULTS, RPC_FAULTS = {}, {}


def http_fault(*checks):
    """Of a function that changes an exchange's answer: which checks have to find it."""

    def known(change):
        HTTP_FAULTS[change] = checks
        return change

    return known


def rpc_fault(*checks, of_statuses=False):
    """Of a function that gives other messages in place of a call's, or raises a status: of calls that end well, or of the others."""

    def known(change):
        @functools.wraps(change)
        def changed(method, requests, answers):
            return change(method, requests, answers) if isinstance(answers, Status) == of_statuses else answers

        RPC_FAULTS[changed] = checks
        return changed

    return known


class Status(Exception):
    """How a call ended that did not end well."""

    def __init__(self, code, details):
        super().__init__(details)
        self.code, self.details = code, details


class Exchange:
    def __init__(self, method, path, asked, sent):
        self.method, self.path, self.asked, self.sent = method, path, asked, sent
        connection = http.client.HTTPConnection("127.0.0.1", int(HTTP_PORT), timeout=60)
        connection.request(method, path, sent, asked)
        answer = connection.getresponse()
        self.status, self.body = answer.status, answer.read()
        self.headers = {name: answer.getheader(name) for name in ("Content-Type", "Content-Encoding", LENGTH) if answer.getheader(name)}
        connection.close()

    def becomes(self, status, page):
        self.status, self.body, self.headers = status, json.dumps(page).encode(), {"Content-Type": "application/json"}

    def edited(self, edit):
        page = json.loads(self.body)
        edit(page)
        self.body = json.dumps(page).encode()


@http_fault("rest.refuses.unknown-model", "rest.refuses.broken-json", "rest.refuses.binary.a-cut-tail")
def errors_with_a_charset(it):
    if it.status >= 400:
        it.headers["Content-Type"] = "application/json; charset=utf-8"


@http_fault("rest.refuses.unknown-model", "rest.refuses.unknown-version", "rest.refuses.inference-of-unknown-model")
def unknown_is_a_bad_request(it):
    if it.status == 404:
        it.status = 400


@http_fault("rest.refuses.broken-json", "rest.refuses.unknown-path", "rest.refuses.wrong-verb", "rest.refuses.unknown-encoding")
def errors_of_another_shape(it):
    if it.status >= 400:
        it.body = json.dumps({"detail": "wrong"}).encode()


@http_fault("rest.server.live-body")
def live_says_nothing(it):
    if it.path == "/v2/health/live":
        it.body = b"{}"


@http_fault("rest.server.ready-body", "rest.model.ready-body")
def ready_says_nothing(it):
    if it.path.endswith("/ready"):
        it.body = b'{"live":true}'


@http_fault("rest.binary.empty-tensor")
def empty_tensors_are_not_binary(it):
    if b'"binary_data_size": 0}' in it.sent:
        it.becomes(400, {"error": "binary_data_size is 0"})


@http_fault("rest.binary.raw-request")
def raw_requests_are_json(it):
    if it.asked.get(LENGTH) == "0":
        it.becomes(400, {"error": "no JSON"})


@http_fault("rest.binary.out", "rest.binary.both", "rest.compression.gzip-of-binary")
def the_json_is_longer_than_it_says(it):
    if LENGTH in it.headers:
        it.headers[LENGTH] = str(int(it.headers[LENGTH]) - 1)


@http_fault("rest.fp16.binary", "rest.bf16.binary")
def halves_lose_a_byte(it):
    if b"FP16" in it.body or b"BF16" in it.body:
        it.body = it.body[:-1] if LENGTH in it.headers else it.body


@http_fault("rest.fp16.json-is-read-or-refused")
def halves_in_json_break_the_server(it):
    if b'"FP16", "data"' in it.sent:
        it.becomes(500, {"error": "a bug"})


@http_fault("rest.compression.deflate-out", "rest.compression.deflate-of-binary")
def deflate_without_zlibs_header(it):
    if it.headers.get("Content-Encoding") == "deflate":
        it.body = zlib.decompress(it.body)
        packed = zlib.compressobj(wbits=-15)
        it.body = packed.compress(it.body) + packed.flush()


@http_fault("rest.compression.gzip-in", "rest.compression.gzip-of-binary")
def gzip_is_read_as_it_is(it):
    if it.asked.get("Content-Encoding") == "gzip":
        it.becomes(400, {"error": "no JSON"})


@http_fault("rest.refuses.unknown-encoding")
def unknown_encodings_are_bad_requests(it):
    if it.status == 501:
        it.status = 400


@http_fault("rest.timeout-and-priority", "rest.timeout-beyond-32-bits")
def timeouts_are_refused(it):
    if b'"timeout"' in it.sent:
        it.becomes(400, {"error": "a parameter is not known"})


@http_fault("rest.timeout-beyond-32-bits")
def timeouts_are_of_32_bits(it):
    if str(2**33).encode() in it.sent:
        it.becomes(400, {"error": "a timeout is too long"})


@http_fault("rest.classification")
def classes_are_strings(it):
    if b'"classification"' in it.sent:
        it.edited(lambda page: page["outputs"][0].update(datatype="STRING"))


@http_fault("grpc.classification")
def another_class_over_http(it):
    if b'"classification": 1' in it.sent:
        it.edited(lambda page: page["outputs"][0].update(data=["1:99"]))


@http_fault("rest.classification-is-in-order")
def the_lowest_class_is_first(it):
    if b'"classification": 2' in it.sent:
        it.edited(lambda page: page["outputs"][0]["data"].reverse())


@http_fault("rest.statistics", "rest.statistics-of-all")
def statistics_lack_a_field(it):
    if it.path.endswith("/stats"):
        it.edited(lambda page: [one["inference_stats"].pop("cache_miss") for one in page["model_stats"]])


@http_fault("rest.statistics-count")
def statistics_stand_still(it):
    if it.path.endswith("/stats"):
        it.edited(lambda page: [one["inference_stats"]["success"].update(count=1) for one in page["model_stats"]])


@http_fault("rest.repository-index", "rest.repository-index-without-a-body", "rest.repository-index-of-what-is-ready")
def the_index_is_no_array(it):
    if it.path == "/v2/repository/index" and it.status == 200:
        it.body = b'{"models":' + it.body + b"}"


@http_fault("rest.refuses.index-of-no-boolean")
def the_index_takes_anything(it):
    if it.path == "/v2/repository/index":
        it.becomes(200, [])


@http_fault("rest.model-configuration")
def the_configuration_has_the_protocols_types(it):
    if it.path.endswith("/config"):
        it.body = it.body.replace(b"TYPE_", b"")


def infer_only(method):
    return method == SERVICE + "ModelInfer"


@rpc_fault("grpc.timeout-and-priority-as-uint64")
def only_signed_parameters(method, requests, answers):
    for request in requests if infer_only(method) else ():
        for parameter in core.ModelInferRequest.FromString(request).parameters.values():
            if parameter.WhichOneof("parameter_choice") == "uint64_param":
                raise Status(grpc.StatusCode.INVALID_ARGUMENT, "unsigned")
    return answers


@rpc_fault("grpc.timeout-and-priority-as-int64")
def only_unsigned_parameters(method, requests, answers):
    for request in requests if infer_only(method) else ():
        for parameter in core.ModelInferRequest.FromString(request).parameters.values():
            if parameter.WhichOneof("parameter_choice") == "int64_param":
                raise Status(grpc.StatusCode.INVALID_ARGUMENT, "signed")
    return answers


@rpc_fault("grpc.infer.raw", "grpc.fp16.raw", "grpc.bf16.raw", "grpc.compression.gzip")
def raw_contents_are_cut(method, requests, answers):
    if not infer_only(method):
        return answers
    found = core.ModelInferResponse.FromString(answers[0])
    found.raw_output_contents[:] = [raw[:-1] for raw in found.raw_output_contents]
    return [found.SerializeToString()]


@rpc_fault("grpc.infer.empty-tensor")
def empty_contents_are_none(method, requests, answers):
    for request in requests if infer_only(method) else ():
        if b"" in core.ModelInferRequest.FromString(request).raw_input_contents:
            raise Status(grpc.StatusCode.INVALID_ARGUMENT, "there are no contents")
    return answers


@rpc_fault("grpc.stream.infer", "grpc.stream.goes-on-after-a-fault")
def streams_have_bare_answers(method, requests, answers):
    if method != SERVICE + "ModelStreamInfer":
        return answers
    return [more.ModelStreamInferResponse.FromString(answer).infer_response.SerializeToString() for answer in answers]


@rpc_fault("grpc.stream.goes-on-after-a-fault")
def streams_end_with_a_fault(method, requests, answers):
    if method != SERVICE + "ModelStreamInfer":
        return answers
    faults = [i for i, answer in enumerate(answers) if more.ModelStreamInferResponse.FromString(answer).error_message]
    return answers[: faults[0] + 1] if faults else answers


@rpc_fault("grpc.stream.infer")
def streams_forget_ids(method, requests, answers):
    if method != SERVICE + "ModelStreamInfer":
        return answers
    found = [more.ModelStreamInferResponse.FromString(answer) for answer in answers]
    for one in found:
        one.infer_response.id = ""
    return [one.SerializeToString() for one in found]


@rpc_fault("grpc.statistics")
def rpc_statistics_lack_a_field(method, requests, answers):
    if method != SERVICE + "ModelStatistics":
        return answers
    found = more.ModelStatisticsResponse.FromString(answers[0])
    found.model_stats[0].inference_stats.ClearField("queue")
    return [found.SerializeToString()]


@rpc_fault("grpc.repository-index")
def the_index_is_empty(method, requests, answers):
    return [b""] if method == SERVICE + "RepositoryIndex" else answers


@rpc_fault("grpc.model-configuration")
def the_configuration_is_empty(method, requests, answers):
    return [b""] if method == SERVICE + "ModelConfig" else answers


@rpc_fault("grpc.health.check", "grpc.health.watch")
def health_is_bad(method, requests, answers):
    return [beside.HealthCheckResponse(status=2).SerializeToString()] if method.startswith("/grpc.health.v1.Health/") else answers


@rpc_fault("grpc.reflection.lists-the-service", "grpc.reflection.describes-the-service")
def reflection_knows_nothing(method, requests, answers):
    return [b""] if method.startswith("/grpc.reflection.") else answers


@rpc_fault("grpc.refuses.unknown-model", "grpc.health.unknown-service", "grpc.stream.ends-with-the-status-where-that-is-asked-for", of_statuses=True)
def what_is_not_found_is_unknown(method, requests, status):
    return Status(grpc.StatusCode.UNKNOWN, status.details) if status.code == grpc.StatusCode.NOT_FOUND else status


class HttpProxy(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    change = staticmethod(lambda it: None)

    def pass_on(self):
        sent = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        asked = {name: value for name, value in self.headers.items() if name.lower() not in ("host", "content-length", "connection")}
        it = Exchange(self.command, self.path, asked, sent)
        type(self).change(it)
        self.send_response(it.status)
        for name, value in {**it.headers, "Content-Length": str(len(it.body)), "Connection": "close"}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(it.body)

    do_GET = do_POST = pass_on

    def log_message(self, *_):
        pass


class RpcProxy(grpc.GenericRpcHandler):
    """Every call as one of streams, which on the wire a call of one message is too."""

    def __init__(self, channel):
        self.channel = channel
        self.change = lambda method, requests, answers: answers

    def service(self, details):
        return grpc.stream_stream_rpc_method_handler(lambda requests, context: self.pass_on(details.method, requests, context))

    def pass_on(self, method, requests, context):
        sent = list(requests)
        metadata = [(key, value) for key, value in context.invocation_metadata() if key == "triton_grpc_error"]
        call = self.channel.stream_stream(method)(iter(sent), timeout=60, metadata=metadata)
        try:
            answers = [next(call)] if method.endswith("/Watch") else list(call)
        except grpc.RpcError as error:
            answers = Status(error.code(), error.details())
        finally:
            call.cancel()
        try:
            found = self.change(method, sent, answers)
            if isinstance(found, Status):
                raise found
        except Status as status:
            context.abort(status.code, status.details)
        yield from found


def failed(http_port, grpc_port):
    kit = [sys.executable, "-B", "-m", "oip_conformance", f"http://127.0.0.1:{http_port}", "--grpc", f"127.0.0.1:{grpc_port}", *ARGUMENTS]
    said = subprocess.run(kit, cwd=KIT, capture_output=True, text=True, timeout=240)
    if said.returncode not in (0, 1):
        raise AssertionError(said.stdout + said.stderr)
    return set(re.findall(r"^FAIL  (\S+)", said.stdout, re.MULTILINE))


def main():
    web = ThreadingHTTPServer(("127.0.0.1", 0), HttpProxy)
    Thread(target=web.serve_forever, daemon=True).start()
    proxy = RpcProxy(grpc.insecure_channel(f"127.0.0.1:{GRPC_PORT}"))
    server = grpc.server(futures.ThreadPoolExecutor(8), handlers=(proxy,))
    grpc_port = server.add_insecure_port("127.0.0.1:0")
    server.start()
    wrong = 0

    def run(name, expected):
        nonlocal wrong
        found = failed(web.server_port, grpc_port)
        # Without a fault nothing is found; with one, at least what has to be.
        good = found >= set(expected) if expected else not found
        wrong += not good
        print(f"{'ok    ' if good else 'FAILED'} {name}: {' '.join(sorted(found)) or 'nothing'}", flush=True)

    run("no fault", ())
    for change, checks in HTTP_FAULTS.items():
        HttpProxy.change = staticmethod(change)
        run(change.__name__, checks)
    HttpProxy.change = staticmethod(lambda it: None)
    for change, checks in RPC_FAULTS.items():
        proxy.change = change
        run(change.__name__, checks)
    server.stop(None)
    print(f"{wrong} faults not found" if wrong else f"all {len(HTTP_FAULTS) + len(RPC_FAULTS)} faults found")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
