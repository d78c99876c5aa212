"""Ray Serve: ``python ray_digits.py PORT BATCH``."""

import signal
import sys

import numpy as np
import ray
from digits import trained
from ray import serve
from starlette.requests import Request

PORT, BATCH = int(sys.argv[1]), int(sys.argv[2])


@serve.deployment(num_replicas=1, max_ongoing_requests=256)
class Digits:
    def __init__(self):
        self.model = trained()

    @serve.batch(max_batch_size=BATCH, batch_wait_timeout_s=0.002 if BATCH > 1 else 0.0)
    async def rows(self, inputs: list) -> list:
        return self.model.predict(np.asarray(inputs, dtype=np.float64)).tolist()

    async def __call__(self, request: Request) -> dict:
        body = await request.json()
        return {"output": await self.rows(body["input"])}


if __name__ == "__main__":
    ray.init(num_cpus=2, include_dashboard=False, log_to_driver=False)
    serve.start(http_options={"host": "127.0.0.1", "port": PORT})
    serve.run(Digits.bind(), route_prefix="/predict")
    signal.pause()
