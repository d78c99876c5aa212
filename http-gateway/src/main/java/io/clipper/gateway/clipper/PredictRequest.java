package io.clipper.gateway.clipper;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import io.clipper.application.Query;
import io.clipper.gateway.Json;
import io.clipper.gateway.JsonFault;
import io.clipper.model.Input;
import io.clipper.model.Signature;
import io.clipper.selection.Features;
import io.clipper.wire.WireSettings;
import java.io.IOException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.pekko.util.ByteString;

/**
 * The body of a prediction.
 *
 * @param inputs one, unless it is a batch
 * @param features of all of them
 */
record PredictRequest(
    List<Input> inputs, boolean batch, Optional<String> context, Optional<Duration> budget, Optional<String> version, Features features) {
  static final String SCHEMA =
      "{\"input\" := [double] | [int] | [float] | string | base64 string, \"input_batch\" := [input], \"version\" := string,"
          + " \"context\" := string, \"slo_micros\" := int, \"features\" := [double]}";
  /** An hour: beyond it a client has a wrong unit. */
  private static final long MOST_MICROS = 3_600_000_000L;
  /** As many as the Open Inference Protocol's doors take rows: each is a query of its own. */
  private static final int MOST_INPUTS = 1 << 14;

  /** Throws {@link JsonFault} for anything but a well-formed request of that signature, {@link io.clipper.Refused} for one that is too large. */
  static PredictRequest read(ByteString body, Signature signature, WireSettings wire) {
    Reading reading = new Reading(signature, wire);
    Fields.each(body, reading);
    return reading.request();
  }

  Query query(String application, Input input) {
    return new Query(application, input, context, budget, version, features);
  }

  private static final class Reading implements Fields.Taking {
    private final Signature signature;
    private final WireSettings wire;
    private final List<Input> single = new ArrayList<>(1);
    private Optional<List<Input>> batch = Optional.empty();
    private Optional<String> context = Optional.empty();
    private Optional<Duration> budget = Optional.empty();
    private Optional<String> version = Optional.empty();
    private Features features = Features.NONE;

    Reading(Signature signature, WireSettings wire) {
      this.signature = signature;
      this.wire = wire;
    }

    @Override
    public boolean take(String key, JsonParser json) throws IOException {
      switch (key) {
        case "input" -> single.add(InputReader.read(json, signature, InputPlace.ONLY, wire));
        case "input_batch" -> batch = Optional.of(readBatch(json));
        case "context" -> context = Optional.of(Json.text(key, json));
        case "version" -> version = Optional.of(Json.text(key, json));
        case "features" -> features = readFeatures(key, json);
        case "slo_micros" -> budget = Optional.of(Duration.of(Fields.whole(key, json, 1, MOST_MICROS), ChronoUnit.MICROS));
        default -> {
          return false;
        }
      }
      return true;
    }

    private List<Input> readBatch(JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw JsonFault.mismatch("input_batch", "Array", json);
      }
      List<Input> inputs = new ArrayList<>();
      long bytes = 0;
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (inputs.size() == MOST_INPUTS) {
          throw new JsonFault("input_batch has more than %d inputs".formatted(MOST_INPUTS));
        }
        Input input = InputReader.read(json, signature, InputPlace.item(inputs.size()), wire);
        bytes += input.sizeInBytes();
        if (bytes > wire.limitBytes()) {
          throw wire.refusal("input_batch up to item %d".formatted(inputs.size()), bytes).orElseThrow();
        }
        inputs.add(input);
      }
      return inputs;
    }

    private static Features readFeatures(String key, JsonParser json) throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw JsonFault.mismatch(key, "Array", json);
      }
      List<Double> values = new ArrayList<>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (!json.currentToken().isNumeric()) {
          throw JsonFault.mismatch(key, "Number", json);
        }
        if (values.size() == Features.MOST) {
          throw new JsonFault("JSON key %s has more than %d numbers".formatted(key, Features.MOST));
        }
        values.add(json.getDoubleValue());
      }
      try {
        return Features.of(values.stream().mapToDouble(Double::doubleValue).toArray());
      } catch (IllegalArgumentException wrong) {
        throw new JsonFault("JSON key %s: %s".formatted(key, wrong.getMessage()));
      }
    }

    PredictRequest request() {
      if (!single.isEmpty()) {
        return new PredictRequest(single, false, context, budget, version, features);
      }
      List<Input> inputs =
          batch.orElseThrow(() -> new JsonFault("JSON object does not have required keys input or input_batch"));
      return new PredictRequest(inputs, true, context, budget, version, features);
    }
  }
}
