"""A model for MLServer: twice its input."""

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Doubled(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        twice = 2 * NumpyCodec.decode_input(payload.inputs[0])
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=[NumpyCodec.encode_output("y", twice)])
