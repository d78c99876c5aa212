"""Drives a node with Triton's own clients. Usage: triton.py HTTP_PORT GRPC_PORT; one line for each check, exit code 1 if one failed."""
import queue, sys, traceback
import numpy as np
import tritonclient.grpc as tg
import tritonclient.grpc.aio as tga
import tritonclient.http as th
import tritonclient.http.aio as tha
import asyncio

http_url, grpc_url = f"127.0.0.1:{sys.argv[1]}", f"127.0.0.1:{sys.argv[2]}"
APP, MODEL = "digits", "random-forest@model"
X = np.zeros((3, 64), dtype=np.float32)
X[1, 5:30] = 9
failed = []

def check(name, run):
    try:
        run()
        print("ok    ", name, flush=True)
    except Exception as e:
        failed.append(name)
        print("FAILED", name, type(e).__name__, str(e)[:300], flush=True)
        if "-v" in sys.argv: traceback.print_exc()

def http_input(binary=True, x=X):
    i = th.InferInput("input", list(x.shape), "FP32"); i.set_data_from_numpy(x, binary_data=binary); return i
def grpc_input(x=X):
    i = tg.InferInput("input", list(x.shape), "FP32"); i.set_data_from_numpy(x); return i

h = th.InferenceServerClient(http_url, concurrency=4)
g = tg.InferenceServerClient(grpc_url)
want = None
def first():
    global want
    want = h.infer(MODEL, [http_input()]).as_numpy(h.get_model_metadata(MODEL)["outputs"][0]["name"])
    assert want.shape == (3,) and want.dtype == np.int64, (want.shape, want.dtype)
check("http infer binary in, json out", first)
OUT = h.get_model_metadata(MODEL)["outputs"][0]["name"]

def same(r, name=None):
    got = r.as_numpy(name or OUT)
    assert np.array_equal(got, want), (got, want)
def eq(a, b): assert a == b, (a, b)
def raises(run, text):
    try: run()
    except Exception as e:
        assert text in str(e), str(e); return
    raise AssertionError("no exception")

for c, n in ((h, "http"), (g, "grpc")):
    check(f"{n} live/ready", lambda: (eq(c.is_server_live(), True), eq(c.is_server_ready(), True), eq(c.is_model_ready(MODEL), True), eq(c.is_model_ready(APP), True)))
    check(f"{n} model ready with version", lambda: eq(c.is_model_ready(MODEL, "1"), True))
check("http unknown model is not ready", lambda: eq(h.is_model_ready("nope"), False))
check("grpc unknown model is not ready", lambda: raises(lambda: g.get_model_metadata("nope"), "unknown model"))
check("http server metadata", lambda: eq(h.get_server_metadata()["name"], "clipper"))
check("grpc server metadata", lambda: eq(g.get_server_metadata().name, "clipper"))
check("http model metadata", lambda: eq(h.get_model_metadata(MODEL)["inputs"], [{"name": "input", "datatype": "FP32", "shape": [-1, 64]}]))
check("grpc model metadata", lambda: eq(list(g.get_model_metadata(MODEL).inputs[0].shape), [-1, 64]))
check("grpc model metadata as json", lambda: eq(g.get_model_metadata(MODEL, as_json=True)["name"], MODEL))
check("http config", lambda: eq(h.get_model_config(MODEL)["input"][0]["data_type"], "TYPE_FP32"))
check("grpc config", lambda: eq(g.get_model_config(MODEL).config.input[0].data_type, 11))
check("http json in, json out", lambda: same(h.infer(MODEL, [http_input(False)], outputs=[th.InferRequestedOutput(OUT, binary_data=False)])))
check("http json in, binary out", lambda: same(h.infer(MODEL, [http_input(False)], outputs=[th.InferRequestedOutput(OUT)])))
check("http binary in, binary out", lambda: same(h.infer(MODEL, [http_input()], outputs=[th.InferRequestedOutput(OUT)])))
check("http query parameters and headers", lambda: same(h.infer(MODEL, [http_input()], query_params={"test_1": 1}, headers={"x": "y"})))
for algorithm in ("gzip", "deflate"):
    check(f"http request {algorithm}", lambda: same(h.infer(MODEL, [http_input()], request_compression_algorithm=algorithm)))
    check(f"http response {algorithm}", lambda: same(h.infer(MODEL, [http_input()], outputs=[th.InferRequestedOutput(OUT)], response_compression_algorithm=algorithm)))
    check(f"grpc {algorithm}", lambda: same(g.infer(MODEL, [grpc_input()], compression_algorithm=algorithm)))
check("http async", lambda: [same(r.get_result()) for r in [h.async_infer(MODEL, [http_input()]) for _ in range(20)]])
check("http application", lambda: eq(h.infer(APP, [http_input()], timeout=5_000_000).as_numpy("output").shape, (3,)))
check("http application one row, parameters", lambda: (lambda r: eq(isinstance(r.get_response()["parameters"]["query_id"], int), True))(h.infer(APP, [http_input(x=X[:1])], timeout=5_000_000, priority=1, request_id="7")))
check("http application said by name", lambda: eq([h.infer(APP, [http_input()], outputs=[th.InferRequestedOutput(n) for n in ("query_id", "confidence", "default")]).as_numpy(n).shape for n in ("query_id", "confidence", "default")], [(3,)] * 3))
check("http classification", lambda: eq(h.infer(MODEL, [http_input()], outputs=[th.InferRequestedOutput(OUT, class_count=3)]).as_numpy(OUT).shape, (3, 3)))
check("grpc classification", lambda: eq(g.infer(MODEL, [grpc_input()], outputs=[tg.InferRequestedOutput(OUT, class_count=3)]).as_numpy(OUT).shape, (3, 3)))
check("http raw body helpers", lambda: (lambda body, size: same(h.parse_response_body(__import__("urllib.request", fromlist=["x"]).urlopen(__import__("urllib.request", fromlist=["x"]).Request(f"http://{http_url}/v2/models/{MODEL}/infer", body, {"Inference-Header-Content-Length": str(size)})).read())))(*h.generate_request_body([http_input()], outputs=[th.InferRequestedOutput(OUT, binary_data=False)])))
check("http wrong input", lambda: raises(lambda: h.infer(MODEL, [http_input(x=X[:, :5])]), "unexpected shape"))
check("grpc wrong input", lambda: raises(lambda: g.infer(MODEL, [grpc_input(x=X[:, :5])]), "unexpected shape"))
check("grpc infer", lambda: same(g.infer(MODEL, [grpc_input()], request_id="42")))
check("grpc infer named output, version", lambda: same(g.infer(MODEL, [grpc_input()], model_version="1", outputs=[tg.InferRequestedOutput(OUT)])))
check("grpc application, timeout, priority", lambda: eq(g.infer(APP, [grpc_input()], timeout=5_000_000, priority=1).as_numpy("output").shape, (3,)))
check("grpc application parameters", lambda: eq(g.infer(APP, [grpc_input(x=X[:1])]).get_response().parameters["default"].WhichOneof("parameter_choice"), "bool_param"))
check("grpc custom parameters, context", lambda: g.infer(APP, [grpc_input()], parameters={"context": "anna", "mine": 3}))
check("grpc client timeout", lambda: same(g.infer(MODEL, [grpc_input()], client_timeout=5)))

def grpc_async():
    done = queue.Queue()
    for _ in range(20): g.async_infer(MODEL, [grpc_input()], callback=lambda result, error: done.put((result, error)))
    for _ in range(20):
        result, error = done.get(timeout=10); assert error is None, error; same(result)
check("grpc async", grpc_async)

def stream():
    done = queue.Queue()
    g.start_stream(callback=lambda result, error: done.put((result, error)))
    for i in range(50): g.async_stream_infer(MODEL if i != 25 else "nope", [grpc_input()], request_id=str(i))
    for i in range(50):
        result, error = done.get(timeout=10)
        if i == 25: assert "unknown model" in str(error), error
        else:
            assert error is None, error; same(result); eq(result.get_response().id, str(i))
    g.stop_stream()
check("grpc stream, one fault in it", stream)

def stream_status():
    done = queue.Queue()
    g.start_stream(callback=lambda result, error: done.put((result, error)), headers={"triton_grpc_error": "true"})
    g.async_stream_infer("nope", [grpc_input()])
    result, error = done.get(timeout=10)
    assert error.status() == "StatusCode.NOT_FOUND", error.status()
    g.stop_stream()
check("grpc stream with statuses", stream_status)

async def aio():
    async with tha.InferenceServerClient(http_url) as c:
        same(await c.infer(MODEL, [http_input()])); assert await c.is_server_ready()
    async with tga.InferenceServerClient(grpc_url) as c:
        same(await c.infer(MODEL, [grpc_input()]))
        async def requests():
            for i in range(5): yield {"model_name": MODEL, "inputs": [grpc_input()], "request_id": str(i)}
        n = 0
        async for result, error in c.stream_infer(requests()):
            assert error is None; same(result); n += 1
        eq(n, 5)
check("http and grpc asyncio, aio stream", lambda: asyncio.run(aio()))
check("http repository index", lambda: eq(MODEL in [m["name"] for m in h.get_model_repository_index()], True))
check("grpc repository index", lambda: eq(MODEL in [m.name for m in g.get_model_repository_index().models], True))
check("http statistics", lambda: eq(h.get_inference_statistics(MODEL)["model_stats"][0]["inference_count"] > 0, True))
check("grpc statistics", lambda: eq(g.get_inference_statistics(MODEL).model_stats[0].inference_count > 0, True))
check("http statistics of all", lambda: eq(len(h.get_inference_statistics()["model_stats"]), 6))
check("http shared memory status and unregister", lambda: (eq(h.get_system_shared_memory_status(), []), h.unregister_system_shared_memory(), h.unregister_cuda_shared_memory()))
check("grpc shared memory status and unregister", lambda: (g.get_system_shared_memory_status(), g.unregister_system_shared_memory(), g.unregister_cuda_shared_memory()))
check("grpc trace and log settings", lambda: (g.get_trace_settings(), g.get_log_settings()))
check("http trace and log settings", lambda: (h.get_trace_settings(), h.get_log_settings()))
UN = "naive-bayes@model"
check("http unload, load", lambda: (h.unload_model(UN), eq(h.is_model_ready(UN), False), h.load_model(UN), eq(h.is_model_ready(UN), True)))
check("grpc unload, load", lambda: (g.unload_model(UN), eq(g.is_model_ready(UN), False), g.load_model(UN), eq(g.is_model_ready(UN), True)))
check("http load with a file is refused", lambda: raises(lambda: h.load_model(UN, config="{}", files={"file:1/model.onnx": b"x"}), "failed to load"))
print(f"{len(failed)} failed: {failed}" if failed else "all passed")
sys.exit(1 if failed else 0)
