package io.clipper.gateway.oip;

import java.util.List;
import java.util.Map;

/**
 * The answer to an {@link InferRequest}.
 *
 * @param version empty text where there is no one version
 * @param outputs as many as were asked for, in that order
 */
record InferResponse(String model, String version, String id, Map<String, Parameter> parameters, List<WireTensor> outputs) {
  InferResponse {
    outputs = List.copyOf(outputs);
  }
}
