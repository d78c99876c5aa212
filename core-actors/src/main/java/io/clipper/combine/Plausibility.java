package io.clipper.combine;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.Output;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How likely models' answers make each class. */
public final class Plausibility {
  /**
   * What a model that returns no probabilities is taken to give its answer, the rest going to the other classes alike: one error then costs
   * it as much as ln 9 or more in log loss, which is to be believed of a classifier and does not silence it.
   */
  private static final double OF_A_BARE_LABEL = 0.9;

  private Plausibility() {}

  /**
   * p(c) = Σ w_i p_i(c) / Σ w_i over the votes that name a class; equal weights where none has any. Empty where no vote does.
   */
  public static Optional<ClassProbabilities> of(List<Vote> votes) {
    Set<String> known = new LinkedHashSet<>();
    votes.forEach(vote -> addClasses(vote.output(), known));
    List<String> classes = List.copyOf(known);
    List<Vote> naming = votes.stream().filter(vote -> of(vote.output(), classes).isPresent()).toList();
    if (naming.isEmpty()) {
      return Optional.empty();
    }
    boolean weightless = naming.stream().allMatch(vote -> vote.weight() == 0);
    double[] sums = new double[classes.size()];
    double total = 0;
    for (Vote vote : naming) {
      double weight = weightless ? 1 : vote.weight();
      ClassProbabilities own = of(vote.output(), classes).orElseThrow();
      total += weight;
      for (int c = 0; c < sums.length; c++) {
        sums[c] += weight * own.at(c);
      }
    }
    for (int c = 0; c < sums.length; c++) {
      sums[c] /= total;
    }
    return Optional.of(new ClassProbabilities(classes, sums));
  }

  static void addClasses(Output output, Set<String> classes) {
    output.probabilities().ifPresent(given -> classes.addAll(given.classes()));
    output.label().ifPresent(classes::add);
  }

  /** What one output gives each of these classes, its own among them; empty where it names none. */
  static Optional<ClassProbabilities> of(Output output, List<String> classes) {
    if (output.probabilities().isPresent()) {
      ClassProbabilities given = output.probabilities().get();
      return Optional.of(given.classes().equals(classes) ? given : spread(given, classes));
    }
    return output.label().map(label -> bare(label, classes));
  }

  private static ClassProbabilities spread(ClassProbabilities given, List<String> classes) {
    return new ClassProbabilities(classes, classes.stream().mapToDouble(given::of).toArray());
  }

  private static ClassProbabilities bare(String label, List<String> classes) {
    double[] values = new double[classes.size()];
    Arrays.fill(values, classes.size() == 1 ? 1 : (1 - OF_A_BARE_LABEL) / (classes.size() - 1));
    if (classes.size() > 1) {
      values[classes.indexOf(label)] = OF_A_BARE_LABEL;
    }
    return new ClassProbabilities(classes, values);
  }
}
