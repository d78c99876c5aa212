package io.clipper.selection;

import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/** The policies there are, by the names that settings use, each with its options. */
public final class Policies {
  private static final Option ETA = new Option("eta", 0, false, 1e6);
  private static final Option DISCOUNT = new Option("discount", 0, false, 1);
  private static final SortedMap<String, List<Option>> OPTIONS =
      Collections.unmodifiableSortedMap(
          new TreeMap<>(
              Map.ofEntries(
                  Map.entry(Single.NAME, List.of()),
                  Map.entry(Uniform.NAME, List.of()),
                  Map.entry(EpsilonGreedy.NAME, List.of(new Option("epsilon", 0, true, 1))),
                  Map.entry(Ucb1.NAME, List.of(new Option("exploration", 0, true, 100))),
                  Map.entry(Thompson.NAME, List.of(DISCOUNT)),
                  Map.entry(Thompson.GAUSSIAN_NAME, List.of(DISCOUNT)),
                  Map.entry(Exp3.NAME, List.of(ETA)),
                  Map.entry(Exp3Ix.NAME, List.of(ETA)),
                  Map.entry(TsallisInf.NAME, List.of()),
                  Map.entry(LinUcb.NAME, List.of(new Option("alpha", 0, true, 100))),
                  Map.entry(LinTs.NAME, List.of(new Option("scale", 0, true, 100))),
                  Map.entry(SquareCb.NAME, List.of(new Option("scale", 0, false, 1e6), new Option("exponent", 0, true, 1))),
                  Map.entry(Exp4.NAME, List.of(ETA)),
                  Map.entry(AdaHedge.NAME, List.of()),
                  Map.entry(FixedShare.NAME, List.of(ETA, new Option("share", 0, true, 1))))));

  private Policies() {}

  private record Option(String name, double from, boolean fromIncluded, double to) {
    boolean allows(double value) {
      return (fromIncluded ? value >= from : value > from) && value <= to;
    }

    @Override
    public String toString() {
      return "%s (%s %s, at most %s)".formatted(name, fromIncluded ? "at least" : "above", from, to);
    }
  }

  /** In alphabetical order. */
  public static List<String> names() {
    return List.copyOf(OPTIONS.keySet());
  }

  /** The policy with its options in it. */
  public static SelectionPolicy<?> of(PolicySettings settings) {
    return switch (settings.name()) {
      case Single.NAME -> new Single();
      case Uniform.NAME -> new Uniform();
      case EpsilonGreedy.NAME -> new EpsilonGreedy(settings.option("epsilon", 0.05));
      case Ucb1.NAME -> new Ucb1(settings.option("exploration", 2));
      case Thompson.NAME -> new Thompson(Thompson.Posterior.BETA, settings.option("discount", 1));
      case Thompson.GAUSSIAN_NAME -> new Thompson(Thompson.Posterior.GAUSSIAN, settings.option("discount", 1));
      case Exp3.NAME -> new Exp3(settings.option("eta", 0));
      case Exp3Ix.NAME -> new Exp3Ix(settings.option("eta", 0));
      case TsallisInf.NAME -> new TsallisInf();
      case LinUcb.NAME -> new LinUcb(settings.option("alpha", 0.5));
      case LinTs.NAME -> new LinTs(settings.option("scale", 0.5));
      case SquareCb.NAME -> new SquareCb(settings.option("scale", 10), settings.option("exponent", 0.5));
      case Exp4.NAME -> new Exp4(settings.option("eta", 0));
      case AdaHedge.NAME -> new AdaHedge();
      case FixedShare.NAME -> new FixedShare(settings.option("eta", 0.3), settings.option("share", 1e-3));
      default -> throw unknown(settings.name());
    };
  }

  static void check(String name, Map<String, Double> options) {
    List<Option> allowed = OPTIONS.get(name);
    if (allowed == null) {
      throw unknown(name);
    }
    options.forEach(
        (option, value) -> {
          if (allowed.stream().noneMatch(known -> known.name().equals(option) && known.allows(value))) {
            throw new IllegalArgumentException(
                "option %s=%s of policy '%s' is not one of %s".formatted(option, value, name, allowed));
          }
        });
  }

  private static IllegalArgumentException unknown(String name) {
    return new IllegalArgumentException("policy '%s' is not one of %s".formatted(name, String.join(", ", OPTIONS.keySet())));
  }
}
