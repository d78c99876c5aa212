package io.clipper.gateway.admin;

import io.clipper.catalog.CertaintySettings;
import io.clipper.catalog.LearningSettings;
import io.clipper.gateway.JsonFault;
import java.util.Optional;
import java.util.Set;

/** Reads an application's learning settings over those it has; the names of policies, combiners and losses are the core's to know. */
final class LearningFields {
  static final String SCHEMA =
      "\"policy\" := string, \"policy_options\" := {string: double}, \"combiner\" := string, \"combiner_options\" := {string: double}, \"loss\" := string, \"confidence\" := string,"
          + " \"confidence_threshold\" := 0..1, \"tolerance\" := double, \"on_overload\" := \"default\" | \"refuse\","
          + " \"partitions\" := \"one\" | \"every-node\", \"shadow\" := 0..1, \"missing_loss\" := 0..1, \"late_loss\" := 0..1,"
          + " \"max_asked\" := int, \"coverage\" := 0.5..0.999, \"calibration\" := \"none\" | \"temperature\" | \"platt\","
          + " \"watch\" := \"none\" | \"adwin\"";

  private LearningFields() {}

  /** Throws {@link JsonFault}. */
  static LearningSettings over(LearningSettings base, AdminBody body) {
    return new LearningSettings(
        body.optionalString("policy").or(base::policy),
        body.optionalNumbers("policy_options").orElse(base.policyOptions()),
        body.optionalString("combiner").or(base::combiner),
        body.optionalNumbers("combiner_options").orElse(base.combinerOptions()),
        body.optionalString("loss").orElse(base.loss()),
        body.optionalString("confidence").or(base::confidence),
        share(body, "confidence_threshold").or(base::confidenceThreshold),
        tolerance(body).orElse(base.tolerance()),
        oneOf(body, "on_overload", Set.of("default", "refuse")).orElse(base.onOverload()),
        oneOf(body, "partitions", Set.of("one", "every-node")).orElse(base.partitions()),
        share(body, "shadow").orElse(base.shadow()),
        share(body, "missing_loss").orElse(base.missingLoss()),
        share(body, "late_loss").orElse(base.lateLoss()),
        maxAsked(body).orElse(base.maxAsked()),
        certainty(body, base.certainty()));
  }

  private static CertaintySettings certainty(AdminBody body, CertaintySettings base) {
    return new CertaintySettings(
        share(body, "coverage").or(base::coverage),
        oneOf(body, "calibration", Set.of("none", "temperature", "platt")).orElse(base.calibration()),
        oneOf(body, "watch", Set.of("none", "adwin")).orElse(base.watch()));
  }

  private static Optional<Double> share(AdminBody body, String key) {
    Optional<Double> share = body.optionalNumber(key);
    if (share.filter(value -> value < 0 || value > 1).isPresent()) {
      throw new JsonFault("JSON key %s is %s, which is outside 0..1".formatted(key, share.get()));
    }
    return share;
  }

  private static Optional<Double> tolerance(AdminBody body) {
    Optional<Double> tolerance = body.optionalNumber("tolerance");
    if (tolerance.filter(value -> value < 0).isPresent()) {
      throw new JsonFault("JSON key tolerance is %s, which is below 0".formatted(tolerance.get()));
    }
    return tolerance;
  }

  private static Optional<Integer> maxAsked(AdminBody body) {
    Optional<Integer> most = body.optionalInteger("max_asked");
    if (most.filter(value -> value < 1).isPresent()) {
      throw new JsonFault("JSON key max_asked is %d, which is below 1".formatted(most.get()));
    }
    return most;
  }

  private static Optional<String> oneOf(AdminBody body, String key, Set<String> values) {
    Optional<String> given = body.optionalString(key);
    if (given.filter(value -> !values.contains(value)).isPresent()) {
      throw new JsonFault("JSON key %s is '%s', which is not one of %s".formatted(key, given.get(), values.stream().sorted().toList()));
    }
    return given;
  }
}
