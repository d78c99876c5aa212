"""MLServer's model of the folders ``mlserver/1`` and ``mlserver/32``, of which the second gathers batches."""

from digits import trained
from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse


class Digits(MLModel):
    async def load(self) -> bool:
        self.model = trained()
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = NumpyCodec.decode_input(payload.inputs[0])
        outputs = [NumpyCodec.encode_output("digit", self.model.predict(rows).reshape(-1, 1))]
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=outputs)
