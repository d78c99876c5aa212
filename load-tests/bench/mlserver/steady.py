"""A model for MLServer that takes 2 ms for each call and 0.02 ms for each row, and answers twice its input."""

import time

from mlserver import MLModel
from mlserver.codecs import NumpyCodec
from mlserver.types import InferenceRequest, InferenceResponse

CALL_SECONDS = 0.002
ROW_SECONDS = 0.00002


class Steady(MLModel):
    async def load(self) -> bool:
        return True

    async def predict(self, payload: InferenceRequest) -> InferenceResponse:
        rows = NumpyCodec.decode_input(payload.inputs[0])
        time.sleep(CALL_SECONDS + ROW_SECONDS * len(rows))  # as a computation: nothing else runs meanwhile
        outputs = [NumpyCodec.encode_output("y", 2 * rows)]
        return InferenceResponse(model_name=self.name, model_version=self.version, id=payload.id, outputs=outputs)
