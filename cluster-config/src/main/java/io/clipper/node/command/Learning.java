package io.clipper.node.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that say how an application chooses, combines and judges. What is not given is left to the node. */
final class Learning {
  @Option(names = "--policy", paramLabel = "NAME", description = "fixed-share, thompson, single and more: docs/policies.md")
  private Optional<String> policy = Optional.empty();

  @Option(names = "--option", paramLabel = "NAME=NUMBER", description = "an option of the policy, such as eta=0.3")
  private Map<String, Double> options = Map.of();

  @Option(names = "--combiner", paramLabel = "NAME", description = "weighted-vote, weighted-mean, median, stacking and more: docs/certainty.md")
  private Optional<String> combiner = Optional.empty();

  @Option(names = "--loss", paramLabel = "NAME", description = "how an output is judged against a label, such as zero-one")
  private Optional<String> loss = Optional.empty();

  @Option(names = "--confidence", paramLabel = "NAME", description = "agreement, probability or weighted")
  private Optional<String> confidence = Optional.empty();

  @Option(names = "--threshold", paramLabel = "SHARE", description = "below this confidence the answer is the default")
  private Optional<Double> threshold = Optional.empty();

  @Option(names = "--tolerance", paramLabel = "NUMBER", description = "how near two numbers must be to agree")
  private Optional<Double> tolerance = Optional.empty();

  @Option(names = "--partitions", paramLabel = "HOW", description = "one, or every-node: each node that keeps state learns on its own, and tells the others")
  private Optional<String> partitions = Optional.empty();

  @Option(names = "--on-overload", paramLabel = "HOW", description = "default, or refuse (status 503)")
  private Optional<String> onOverload = Optional.empty();

  @Option(names = "--shadow", paramLabel = "SHARE", description = "the share of queries that asks all models for learning's sake")
  private Optional<Double> shadow = Optional.empty();

  @Option(names = "--coverage", paramLabel = "SHARE", description = "answers carry a set or an interval that holds so many of the labels")
  private Optional<Double> coverage = Optional.empty();

  @Option(names = "--calibration", paramLabel = "NAME", description = "none, temperature or platt")
  private Optional<String> calibration = Optional.empty();

  @Option(names = "--watch", paramLabel = "NAME", description = "none, or adwin: notices models that became worse")
  private Optional<String> watch = Optional.empty();

  void into(ObjectNode request) {
    policy.ifPresent(name -> request.put("policy", name));
    if (!options.isEmpty()) {
      ObjectNode numbers = request.putObject("policy_options");
      options.forEach(numbers::put);
    }
    combiner.ifPresent(name -> request.put("combiner", name));
    loss.ifPresent(name -> request.put("loss", name));
    confidence.ifPresent(name -> request.put("confidence", name));
    threshold.ifPresent(share -> request.put("confidence_threshold", share));
    tolerance.ifPresent(number -> request.put("tolerance", number));
    partitions.ifPresent(how -> request.put("partitions", how));
    onOverload.ifPresent(how -> request.put("on_overload", how));
    shadow.ifPresent(share -> request.put("shadow", share));
    coverage.ifPresent(share -> request.put("coverage", share));
    calibration.ifPresent(name -> request.put("calibration", name));
    watch.ifPresent(name -> request.put("watch", name));
  }
}
