package io.clipper.gateway.oip;

import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * One inference, by whichever door it came.
 *
 * @param version empty text: none was asked for
 * @param outputs none: all there are
 */
record InferRequest(String model, String version, String id, Parameters parameters, List<WireTensor> inputs, List<RequestedOutput> outputs) {
  /** An hour: beyond it a client has a wrong unit. */
  private static final long MOST_MICROS = 3_600_000_000L;

  InferRequest {
    inputs = List.copyOf(inputs);
    outputs = List.copyOf(outputs);
    // Taken as the protocol says; the queues here are ordered by deadline alone.
    parameters.whole("priority", 0, Long.MAX_VALUE);
  }

  /** What the answer needs of it: the message's bytes are let go of while the models work. */
  InferRequest withoutInputs() {
    return new InferRequest(model, version, id, parameters, List.of(), outputs);
  }

  /** The schedule policy's {@code timeout} in µs, where 0 is none. */
  Optional<Duration> timeout() {
    return parameters
        .whole("timeout", 0, Long.MAX_VALUE)
        .filter(micros -> micros > 0)
        .map(micros -> Duration.of(Math.min(micros, MOST_MICROS), ChronoUnit.MICROS));
  }

  Optional<String> context() {
    return parameters.text("context");
  }
}
