package io.clipper.gateway.admin;

import com.fasterxml.jackson.core.JsonGenerator;
import io.clipper.catalog.Model;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** How many replicas a model is to have, as requests and answers say it: a number, or {@code every-node}. */
final class ReplicaCount {
  static final String EVERY_NODE = "every-node";

  private static final String KEY = "replicas";
  private static final int MOST = 10_000;

  private ReplicaCount() {}

  /** Throws {@link io.clipper.Refused} that names the parameter; empty where it is not given. */
  static Optional<Integer> of(QueryParameters given) {
    if (given.text(KEY).equals(EVERY_NODE)) {
      return Optional.of(Model.EVERY_NODE);
    }
    OptionalLong number = given.number(KEY, 0, MOST);
    return number.isPresent() ? Optional.of((int) number.getAsLong()) : Optional.empty();
  }

  /** Throws {@link io.clipper.gateway.JsonFault} or {@link io.clipper.Refused} where it is neither. */
  static int of(AdminBody body) {
    if (body.says(KEY, EVERY_NODE)) {
      return Model.EVERY_NODE;
    }
    int replicas = body.integer(KEY);
    if (replicas < 0) {
      throw Names.invalid("replicas %d is below 0".formatted(replicas));
    }
    return replicas;
  }

  static void write(JsonGenerator json, int replicas) throws IOException {
    if (replicas == Model.EVERY_NODE) {
      json.writeStringField(KEY, EVERY_NODE);
    } else {
      json.writeNumberField(KEY, replicas);
    }
  }
}
