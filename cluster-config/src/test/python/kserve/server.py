"""KServe's own server with a model that doubles its input, named with its types and without. Usage: server.py --http_port N --grpc_port N"""

from kserve import InferOutput, InferRequest, InferResponse, Model, ModelServer

TENSOR = {"datatype": "FP32", "shape": [-1, 4]}


class Doubled(Model):
    def __init__(self, name: str, typed: bool) -> None:
        super().__init__(name)
        self._typed = typed
        self.ready = True

    def get_input_types(self) -> list[dict]:
        return [{"name": "x", **TENSOR}] if self._typed else []

    def get_output_types(self) -> list[dict]:
        return [{"name": "y", **TENSOR}] if self._typed else []

    async def predict(self, payload: InferRequest | dict, headers=None, response_headers=None) -> InferResponse | dict:
        if isinstance(payload, dict):  # of the first protocol, by rows
            return {"predictions": [[2 * number for number in row] for row in payload["instances"]]}
        twice = 2 * payload.inputs[0].as_numpy()
        output = InferOutput("y", list(twice.shape), "FP32")
        output.set_data_from_numpy(twice, binary_data=True)
        return InferResponse(payload.id, self.name, [output])


if __name__ == "__main__":
    ModelServer().start([Doubled("doubled", typed=True), Doubled("untyped", typed=False)])
