"""Drives a node with KServe's own clients. Usage: client.py HTTP_PORT GRPC_PORT; one line for each check, exit code 1 if one failed."""
import asyncio, sys
import numpy as np
from kserve import InferInput, InferRequest, InferenceGRPCClient, InferenceRESTClient
from kserve.inference_client import RESTConfig
from kserve.protocol.infer_type import RequestedOutput

url, grpc_url = f"http://127.0.0.1:{sys.argv[1]}", f"127.0.0.1:{sys.argv[2]}"
APP, MODEL = "digits", "random-forest@model"
X = np.zeros((3, 64), dtype=np.float32)
X[1, 5:30] = 9
failed = []


async def check(name, run):
    try:
        found = await run()
        print("ok    ", name, flush=True)
        return found
    except Exception as e:
        failed.append(name)
        print("FAILED", name, type(e).__name__, str(e)[:300], flush=True)


def request(model, binary, x=X, **more):
    tensor = InferInput("input", list(x.shape), "FP32")
    tensor.set_data_from_numpy(x, binary_data=binary)
    return InferRequest(model_name=model, infer_inputs=[tensor], **more)


def eq(a, b):
    assert a == b, (a, b)


async def raises(run, *texts):
    try:
        await run()
    except Exception as e:
        assert all(text in str(e) for text in texts), str(e)
        return
    raise AssertionError("no exception")


def labels(response):
    return response.outputs[0].as_numpy().tolist()


async def main():
    v2, v1 = InferenceRESTClient(RESTConfig(protocol="v2")), InferenceRESTClient(RESTConfig(protocol="v1"))
    rpc = InferenceGRPCClient(grpc_url)

    async def is_(call, expected=True):
        eq(await call, expected)

    for name, client in (("v2", v2), ("v1", v1)):
        await check(f"rest {name} live", lambda: is_(client.is_server_live(url)))
        await check(f"rest {name} model ready", lambda: is_(client.is_model_ready(url, MODEL)))
    await check("rest v2 ready", lambda: is_(v2.is_server_ready(url)))
    await check("grpc live", lambda: is_(rpc.is_server_live()))
    await check("grpc ready", lambda: is_(rpc.is_server_ready()))
    await check("grpc model ready", lambda: is_(rpc.is_model_ready(MODEL)))

    async def first():
        response = await v2.infer(url, request(MODEL, False), model_name=MODEL)
        eq(response.outputs[0].shape, [3])
        return labels(response)

    want = await check("rest v2 infer, json in and out", first)

    async def same(call):
        eq(labels(await call), want)

    await check("rest v2 infer, binary in", lambda: same(v2.infer(url, request(MODEL, True), model_name=MODEL)))

    async def binary_out():
        headers = {}
        asked = request(MODEL, True, parameters={"binary_data_output": True})
        response = await v2.infer(url, asked, model_name=MODEL, response_headers=headers)
        eq(labels(response), want)
        assert "inference-header-content-length" in headers, headers

    await check("rest v2 infer, binary in and out", binary_out)
    await check("grpc infer, raw", lambda: same(rpc.infer(request(MODEL, True))))
    await check("grpc infer, typed", lambda: same(rpc.infer(request(MODEL, False))))

    async def named():
        name = (await v2.infer(url, request(MODEL, False), model_name=MODEL)).outputs[0].name
        response = await rpc.infer(request(MODEL, True, request_outputs=[RequestedOutput(name)]))
        eq([output.name for output in response.outputs], [name])

    await check("grpc infer, output by name", named)

    async def echoed():
        eq((await v2.infer(url, request(MODEL, True, request_id="42"), model_name=MODEL)).id, "42")
        eq((await rpc.infer(request(MODEL, True, request_id="42"))).id, "42")

    await check("the id comes back by both", echoed)

    async def application():
        one = request(APP, True, x=X[:1])
        response = await v2.infer(url, one, model_name=APP)
        assert response.parameters["query_id"] > 0 and response.parameters["default"] is False, response.parameters
        response = await rpc.infer(request(APP, True, x=X[:1]))
        assert "query_id" in response.parameters, response.parameters

    await check("an application by both, with its parameters", application)
    unknown = "Request for unknown model"
    await check("rest v2 unknown model: the server's words", lambda: raises(lambda: v2.infer(url, request("nope", True), model_name="nope"), unknown, "404"))
    await check("grpc unknown model: the server's words", lambda: raises(lambda: rpc.infer(request("nope", True)), "NOT_FOUND", "unknown model"))
    wrong = X[:, :60]
    await check("rest v2 wrong shape", lambda: raises(lambda: v2.infer(url, request(MODEL, True, x=wrong), model_name=MODEL), "unexpected shape", "400"))
    await check("grpc wrong shape", lambda: raises(lambda: rpc.infer(request(MODEL, True, x=wrong)), "INVALID_ARGUMENT", "unexpected shape"))

    async def v1_predict():
        eq((await v1.infer(url, {"instances": X.tolist()}, model_name=MODEL))["predictions"], want)

    await check("rest v1 predict", v1_predict)
    await v2.close(), await v1.close(), await rpc.close()


asyncio.run(main())
print(f"{len(failed)} failed: {failed}" if failed else "all passed")
sys.exit(1 if failed else 0)
