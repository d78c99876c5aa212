"""The protocol over HTTP, with the standard library alone."""

import gzip
import http.client
import json
import math
import urllib.parse
import zlib

from .report import Skipped, want
from .tensors import DATATYPES, Tensor, alike, flat, read

LENGTH = "Inference-Header-Content-Length"
UNPACK = {"gzip": gzip.decompress, "deflate": zlib.decompress}


class Answer:
    """Its body is as it was before it was compressed, if it was."""

    def __init__(self, response):
        self.status = response.status
        self.body = response.read()
        self.type = response.getheader("Content-Type", "")
        self.json_length = response.getheader(LENGTH)
        self.encoding = response.getheader("Content-Encoding", "")
        if self.encoding in UNPACK:
            self.body = UNPACK[self.encoding](self.body)

    def json(self):
        try:
            return json.loads(self.body)
        except ValueError:
            raise AssertionError(f"status {self.status}, and no JSON: {self.body[:80]!r}") from None


class Rest:
    def __init__(self, url, report, model, version, request):
        parts = urllib.parse.urlsplit(url)
        self.tls = parts.scheme == "https"
        self.place = parts.netloc
        self.base = parts.path.rstrip("/")
        self.report, self.model, self.version = report, model, version
        self.given = request
        self.extensions, self.metadata, self.versions = [], None, []
        self.answered = None

    def ask(self, method, path, body=None, headers=()):
        connect = http.client.HTTPSConnection if self.tls else http.client.HTTPConnection
        connection = connect(self.place, timeout=60)
        try:
            if isinstance(body, (dict, list)):
                body, headers = json.dumps(body).encode(), {"Content-Type": "application/json", **dict(headers)}
            connection.request(method, self.base + path, body, dict(headers))
            return Answer(connection.getresponse())
        finally:
            connection.close()

    def get(self, path):
        answer = self.ask("GET", path)
        want(answer.status == 200, f"GET {path} answers {answer.status}: {answer.body[:120]!r}")
        return answer

    def path(self, rest="", version=""):
        version = version or self.version
        versioned = "/versions/" + urllib.parse.quote(version, safe="") if version else ""
        return "/v2/models/" + urllib.parse.quote(self.model, safe="") + versioned + rest

    def run(self):
        check = self.report.check
        check("rest.server.live", lambda: self.get("/v2/health/live") and None)
        check("rest.server.live-body", lambda: self.told("/v2/health/live", live=True))
        check("rest.server.ready", lambda: self.get("/v2/health/ready") and None)
        check("rest.server.ready-body", lambda: self.told("/v2/health/ready", live=True, ready=True))
        check("rest.server.metadata", self.server)
        check("rest.model.ready", lambda: self.get(self.path("/ready")) and None)
        check("rest.model.ready-body", lambda: self.told(self.path("/ready"), name=self.model, ready=True))
        self.metadata = check("rest.model.metadata", self.described)
        if self.metadata is None:
            return
        check("rest.model.version-in-path", self.with_version)
        check("rest.query-string-is-ignored", lambda: self.get(self.path() + "?test_1=1&test_2=2") and None)
        self.answered = check("rest.infer.json-flat", lambda: self.outputs(self.infer(self.body())))
        check("rest.infer.json-nested", lambda: self.same(self.infer(self.body(nested=True))))
        check("rest.infer.id-is-echoed", self.echoed)
        check("rest.infer.unknown-keys-are-ignored", lambda: self.same(self.infer({**self.body(), "model_name": self.model, "of_ours": [1]})))
        check("rest.infer.custom-parameters-pass", lambda: self.same(self.infer({**self.body(), "parameters": {"of_ours": "x"}})))
        check("rest.infer.output-by-name", self.by_name)
        check("rest.infer.rows", self.rows)
        self.faults()

    def told(self, path, **fields):
        answer = self.get(path)
        if not answer.body:
            raise Skipped("there is no body, which the protocol's texts differ about")
        page = answer.json()
        for key, value in fields.items():
            want(page.get(key) == value, f"{key} is {page.get(key)!r}: {answer.body[:80]!r}")

    def server(self):
        page = self.get("/v2").json()
        for key, kind in (("name", str), ("version", str), ("extensions", list)):
            want(isinstance(page.get(key), kind), f"{key} is {page.get(key)!r}")
        self.extensions = page["extensions"]

    def described(self):
        page = self.get(self.path()).json()
        want(page.get("name") == self.model, f"name is {page.get('name')!r}")
        want(isinstance(page.get("platform"), str), f"platform is {page.get('platform')!r}")
        for side in ("inputs", "outputs"):
            want(isinstance(page.get(side), list), f"{side} is {page.get(side)!r}")
            for tensor in page[side]:
                want(isinstance(tensor.get("name"), str), f"a name of {side} is {tensor.get('name')!r}")
                want(tensor.get("datatype") in DATATYPES, f"datatype of {tensor['name']} is {tensor.get('datatype')!r}")
                want(isinstance(tensor.get("shape"), list) and all(isinstance(e, int) for e in tensor["shape"]), f"shape of {tensor['name']}")
        self.versions = page.get("versions") or []
        want(all(isinstance(one, str) for one in self.versions), f"versions are {self.versions!r}")
        if not page["inputs"] and self.given is None:
            raise AssertionError("the metadata names no inputs: give --request FILE")
        return page

    def with_version(self):
        if not self.versions:
            raise Skipped("the metadata names no versions")
        version = self.versions[-1]
        page = self.get(self.path(version=version)).json()
        want(page.get("name") == self.model, f"name is {page.get('name')!r}")
        self.get(self.path("/ready", version))

    def takes(self, datatype):
        return any(tensor["datatype"] == datatype for tensor in self.metadata["inputs"])

    def may_be_empty(self):
        """Whether some extent may be 0 that is not the batch's."""
        return self.given is None and any(extent < 0 for tensor in self.metadata["inputs"] for extent in tensor["shape"][1:])

    def inputs(self, rows=1, length=1):
        """`length` is that of every open extent but the first."""
        if self.given is not None:
            return [Tensor(i["name"], i["datatype"], i["shape"], flat(i["data"])) for i in self.given["inputs"]]
        return [Tensor.zeros(tensor, rows, length) for tensor in self.metadata["inputs"]]

    def body(self, nested=False, rows=1, length=1):
        inputs = self.inputs(rows, length)
        if not all(tensor.has_json() for tensor in inputs):
            raise Skipped("an input is of a type that JSON does not have")
        return {"inputs": [tensor.as_json(nested) for tensor in inputs]}

    def infer(self, body, headers=()):
        answer = self.ask("POST", self.path("/infer"), body, headers)
        want(answer.status == 200, f"infer answers {answer.status}: {answer.body[:160]!r}")
        return answer

    def outputs(self, answer):
        """Every output's elements by name, from JSON or from behind it."""
        length = int(answer.json_length) if answer.json_length else len(answer.body)
        page, tail = json.loads(answer.body[:length]), answer.body[length:]
        want(page.get("model_name") == self.model, f"model_name is {page.get('model_name')!r}")
        want(isinstance(page.get("outputs"), list) and page["outputs"], "there are no outputs")
        found, at = {}, 0
        for output in page["outputs"]:
            name, datatype, shape = output["name"], output["datatype"], output["shape"]
            want(datatype in DATATYPES, f"datatype of {name} is {datatype!r}")
            size = (output.get("parameters") or {}).get("binary_data_size")
            if size is None:
                elements = flat(output["data"])
            else:
                want("data" not in output, f"{name} has both data and binary_data_size")
                elements, at = read(datatype, tail[at : at + size]), at + size
            want(len(elements) == math.prod(shape), f"{name} has {len(elements)} elements of shape {shape}")
            found[name] = elements
        want(at == len(tail), f"{len(tail) - at} bytes are left behind the outputs")
        return found

    def same(self, answer):
        found = self.outputs(answer)
        if self.answered is None:
            return
        want(found.keys() == self.answered.keys(), f"outputs are {sorted(found)}, were {sorted(self.answered)}")
        for name, elements in found.items():
            want(alike(elements, self.answered[name]), f"{name} is another: {elements[:4]} in place of {self.answered[name][:4]}")

    def echoed(self):
        page = json.loads(self.infer({**self.body(), "id": "conformance-42"}).body)
        want(page.get("id") == "conformance-42", f"id is {page.get('id')!r}")

    def by_name(self):
        if not self.answered:
            raise Skipped("nothing was answered")
        name = next(iter(self.answered))
        found = self.outputs(self.infer({**self.body(), "outputs": [{"name": name}]}))
        want(list(found) == [name], f"outputs are {list(found)}")

    def rows(self):
        if self.given is not None or any(not t["shape"] or t["shape"][0] >= 0 for t in self.metadata["inputs"]):
            raise Skipped("the first extent is not open")
        found = self.outputs(self.infer(self.body(rows=3)))
        if self.answered:
            for name, elements in found.items():
                want(alike(elements, self.answered[name] * 3), f"{name} of three equal rows is {elements[:6]}")

    def refused(self, name, ask, status=400):
        def run():
            answer = ask()
            want(answer.status == status, f"the answer is {answer.status}, not {status}: {answer.body[:120]!r}")
            page = answer.json()
            want(isinstance(page, dict) and isinstance(page.get("error"), str), f"there is no error in {answer.body[:120]!r}")
            # KServe's client compares the whole of it.
            want(answer.type == "application/json", f"the type is {answer.type!r}")

        self.report.check("rest.refuses." + name, run)

    def faults(self):
        def changed(**fields):
            body = self.body()
            body["inputs"][0].update(fields)
            return self.ask("POST", self.path("/infer"), body)

        first = self.inputs()[0]
        other = "INT64" if first.datatype == "BYTES" else "BYTES"
        unknown = "/v2/models/no-such-model-here"
        self.refused("unknown-model", lambda: self.ask("GET", unknown), 404)
        self.refused("readiness-of-unknown-model", lambda: self.ask("GET", unknown + "/ready"), 404)
        self.refused("inference-of-unknown-model", lambda: self.ask("POST", unknown + "/infer", self.body()), 404)
        self.refused("unknown-version", self.of_unknown_version, 404)
        self.refused("unknown-path", lambda: self.ask("GET", "/v2/no-such-path-here"), 404)
        self.refused("wrong-verb", lambda: self.ask("GET", self.path("/infer")), 405)
        self.refused("broken-json", lambda: self.ask("POST", self.path("/infer"), b'{"inputs":[', {"Content-Type": "application/json"}))
        self.refused("json-that-is-no-object", lambda: self.ask("POST", self.path("/infer"), b"[1]", {"Content-Type": "application/json"}))
        self.refused("no-inputs", lambda: self.ask("POST", self.path("/infer"), {"id": "1"}))
        self.refused("missing-input", lambda: self.ask("POST", self.path("/infer"), {"inputs": []}))
        self.refused("elements-that-do-not-fill-the-shape", lambda: changed(shape=[extent + 1 for extent in first.shape]))
        self.refused("negative-extent", lambda: changed(shape=[-1] + first.shape[1:]))
        self.refused("shape-beyond-counting", lambda: changed(shape=[2**62, 4]))
        self.refused("unknown-datatype", lambda: changed(datatype="FP12"))
        self.refused("data-of-another-kind", lambda: changed(datatype=other))
        self.refused("data-that-is-an-object", lambda: changed(data={}))
        self.refused("unknown-output", lambda: self.ask("POST", self.path("/infer"), {**self.body(), "outputs": [{"name": "no-such-output"}]}))

    def of_unknown_version(self):
        if not self.versions:
            raise Skipped("the metadata names no versions")
        return self.ask("GET", self.path(version="999999999"))

    def need(self, extension):
        if extension not in self.extensions:
            raise Skipped(f"the server does not name the extension {extension}")

    def packed(self, head, tail, length=None, headers=()):
        """The JSON and the tensors' bytes behind it, which `length` may lie about."""
        text = json.dumps(head).encode()
        given = {LENGTH: str(len(text) if length is None else length), "Content-Type": "application/octet-stream"}
        return self.ask("POST", self.path("/infer"), text + tail, {**given, **dict(headers)})
