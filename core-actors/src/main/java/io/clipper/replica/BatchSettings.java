package io.clipper.replica;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigUtil;
import io.clipper.batch.Aimd;
import io.clipper.batch.BatchController;
import io.clipper.batch.Delayed;
import io.clipper.batch.Fixed;
import io.clipper.batch.QuantileRegression;
import io.clipper.batch.RateMatched;
import io.clipper.catalog.ModelVersion;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalInt;

/**
 * How a node cuts batches.
 *
 * @param usual for every model without a choice of its own
 * @param byModel for the models of these names
 * @param maxRows where an adaptive batch stops growing
 * @param inProcessDepth batches that a model in this JVM may have at once
 * @param remoteDepth batches that a model behind a wire may have at once
 * @param passThroughDepth queries that a server which gathers batches by itself may have at once
 */
public record BatchSettings(Choice usual, Map<String, Choice> byModel, int maxRows, int inProcessDepth, int remoteDepth, int passThroughDepth) {
  /** By what a batch is cut, unless the version asks for a size. */
  public enum Kind {
    RATE_MATCHED,
    FIXED,
    AIMD,
    QUANTILE_REGRESSION,
    DELAYED
  }

  /** @param delay what a batch that is not full may wait for more rows; of {@link Kind#DELAYED} alone */
  public record Choice(Kind kind, Duration delay) {
    private static Choice of(Config config) {
      return new Choice(kind(config.getString("controller")), config.getDuration("delay"));
    }

    private static Kind kind(String name) {
      return Arrays.stream(Kind.values())
          .filter(kind -> kind.name().toLowerCase(Locale.ROOT).replace('_', '-').equals(name))
          .findFirst()
          .orElseThrow(
              () ->
                  new IllegalArgumentException(
                      "clipper.replica.batching.controller '%s' is none of rate-matched, fixed, aimd, quantile-regression, delayed".formatted(name)));
    }
  }

  public BatchSettings {
    byModel = Map.copyOf(byModel);
    if (maxRows < 1) {
      throw new IllegalArgumentException("clipper.replica.max-batch-rows %d is below 1".formatted(maxRows));
    }
    if (inProcessDepth < 1 || remoteDepth < 1 || passThroughDepth < 1) {
      throw new IllegalArgumentException("clipper.replica.batching.in-process-depth, remote-depth and pass-through-depth are at least 1");
    }
  }

  /** Reads {@code clipper.replica.batching} and {@code clipper.replica.max-batch-rows}. */
  static BatchSettings of(Config config) {
    Config batching = config.getConfig("clipper.replica.batching");
    Config models = batching.getConfig("models");
    Map<String, Choice> byModel = new HashMap<>();
    for (String name : models.root().keySet()) {
      byModel.put(name, Choice.of(models.getConfig(ConfigUtil.joinPath(name)).withFallback(batching)));
    }
    return new BatchSettings(
        Choice.of(batching),
        byModel,
        config.getInt("clipper.replica.max-batch-rows"),
        batching.getInt("in-process-depth"),
        batching.getInt("remote-depth"),
        batching.getInt("pass-through-depth"));
  }

  /** The same for a copy that takes no more rows than that at once: what is beyond them would wait behind the batch's own back. */
  BatchSettings upTo(OptionalInt most) {
    int rows = Math.min(maxRows, most.orElse(maxRows));
    return new BatchSettings(usual, byModel, rows, inProcessDepth, remoteDepth, passThroughDepth);
  }

  /** One row where a server gathers the batches; the fixed size that the version asks for; else the controller of its model. */
  public BatchController controller(ModelVersion version, Duration objective) {
    if (version.runtime().passesThrough()) {
      return new Fixed(1);
    }
    if (version.batchSize() != ModelVersion.ADAPTIVE) {
      return new Fixed(version.batchSize());
    }
    Choice choice = byModel.getOrDefault(version.id().name(), usual);
    return switch (choice.kind()) {
      case RATE_MATCHED -> new RateMatched(maxRows, objective);
      case FIXED -> new Fixed(maxRows);
      case AIMD -> Aimd.upTo(maxRows, objective);
      case QUANTILE_REGRESSION -> QuantileRegression.upTo(maxRows, objective);
      case DELAYED -> new Delayed(Aimd.upTo(maxRows, objective), choice.delay());
    };
  }

  /** Batches that a replica of the version may have under way. */
  public int depth(ModelVersion version) {
    if (version.runtime().passesThrough()) {
      return passThroughDepth;
    }
    return version.runtime().runsInProcess() ? inProcessDepth : remoteDepth;
  }
}
