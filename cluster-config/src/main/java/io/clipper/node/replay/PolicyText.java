package io.clipper.node.replay;

import io.clipper.selection.PolicySettings;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A policy and its options as one word: {@code exp3}, {@code exp3:eta=0.05}, {@code fixed-share:eta=0.3:share=0.01}. */
public final class PolicyText {
  private PolicyText() {}

  /** Throws {@link IllegalArgumentException} that says what is wrong with it. */
  public static PolicySettings parse(String text) {
    String[] parts = text.split(":", -1);
    Map<String, Double> options = new TreeMap<>();
    for (int i = 1; i < parts.length; i++) {
      String[] option = parts[i].split("=", -1);
      if (option.length != 2) {
        throw new IllegalArgumentException("'%s' is no policy with options, such as exp3:eta=0.05".formatted(text));
      }
      try {
        options.put(option[0], Double.parseDouble(option[1]));
      } catch (NumberFormatException notOne) {
        throw new IllegalArgumentException("option %s of '%s' is no number".formatted(option[0], text), notOne);
      }
    }
    return new PolicySettings(parts[0], options);
  }

  public static String of(PolicySettings policy) {
    return policy.name() + joined(policy, ":");
  }

  /** As {@code app update} takes it. */
  public static String words(PolicySettings policy) {
    return "--policy " + policy.name() + joined(policy, " --option ");
  }

  private static String joined(PolicySettings policy, String before) {
    return policy.options().entrySet().stream().map(option -> before + option.getKey() + "=" + option.getValue()).collect(Collectors.joining());
  }
}
