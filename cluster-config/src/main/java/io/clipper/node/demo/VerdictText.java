package io.clipper.node.demo;

import static io.clipper.node.demo.DigitsTable.percent;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** The verdict in words. */
public final class VerdictText {
  private VerdictText() {}

  public static List<String> of(Verdict verdict, Script script, boolean feedback) {
    List<String> lines = new ArrayList<>();
    lines.add("accuracy before the fault          digits %s".formatted(percent(verdict.before())));
    lines.add(
        "digits %d-%d after the fault       digits %s, digits-uniform %s, difference %s points"
            .formatted(
                script.settle() + 1,
                script.faulty(),
                percent(verdict.learnedAfter()),
                percent(verdict.uniformAfter()),
                String.format(Locale.ROOT, "%+.1f", (verdict.learnedAfter() - verdict.uniformAfter()) * 100)));
    lines.add("weights %d digits after the fault  %s".formatted(script.settle(), weights(verdict.badWeights())));
    lines.add("largest since the rollback         %s".formatted(weights(verdict.restoredWeights())));
    verdict.bars().forEach(bar -> lines.add("%s  %s".formatted(bar.met() ? "pass" : "FAIL", bar.promise())));
    if (!feedback) {
      lines.add("without feedback nothing is learned: that promises fail is what this run is to show");
    }
    return lines;
  }

  private static String weights(Map<String, Double> weights) {
    return new TreeMap<>(weights)
        .entrySet().stream().map(entry -> entry.getKey() + " " + percent(entry.getValue())).collect(Collectors.joining(", "));
  }
}
