"""LitServe: ``python litserve_digits.py PORT BATCH``."""

import sys

import litserve
import numpy as np
from digits import trained


class Api(litserve.LitAPI):
    def setup(self, device):
        self.model = trained()

    def decode_request(self, request):
        return np.asarray(request["input"], dtype=np.float64)

    def batch(self, inputs):
        return np.stack(inputs)

    def predict(self, rows):
        return self.model.predict(np.atleast_2d(rows))

    def unbatch(self, output):
        return list(output)

    def encode_response(self, output):
        return {"output": int(np.ravel(output)[0])}


if __name__ == "__main__":
    port, batch = int(sys.argv[1]), int(sys.argv[2])
    api = Api(max_batch_size=batch, batch_timeout=0.002 if batch > 1 else 0.0)
    server = litserve.LitServer(api, accelerator="cpu", workers_per_device=1, timeout=30)
    server.run(host="127.0.0.1", port=port, num_api_servers=1, log_level="warning", generate_client_file=False)
