package io.clipper.load.experiment;

import io.clipper.certainty.Basis;
import java.util.ArrayList;
import java.util.List;

/** What sets or intervals came to over a stretch of labels, one after the other. */
final class Issued {
  /** Over so many labels in a row misses are counted. */
  static final int WINDOW = 250;

  private final String by;
  private final Series missed;
  private final Series sizes;

  Issued(String by, int labels) {
    this.by = by;
    missed = new Series(labels);
    sizes = new Series(labels);
  }

  /** What a rule would have issued for the same models' answers. */
  static Issued by(Threshold rule, List<Judged> stream) {
    Issued issued = new Issued(rule.name(), stream.size());
    for (Judged judged : stream) {
      double threshold = rule.value();
      issued.add(judged.score() > threshold, Subject.size(judged.basis().within(threshold, true)));
      rule.learn(judged.score());
    }
    return issued;
  }

  /**
   * One answer and its label.
   *
   * @param score how strange the label is, given what the models said
   */
  record Judged(Basis basis, double score) {
    static List<Double> scores(List<Judged> stream) {
      List<Double> scores = new ArrayList<>();
      stream.forEach(judged -> scores.add(judged.score()));
      return scores;
    }
  }

  void add(boolean wasMissed, double size) {
    missed.add(wasMissed);
    sizes.add(size);
  }

  String by() {
    return by;
  }

  Series missed() {
    return missed;
  }

  Series sizes() {
    return sizes;
  }

  double worst(int from, int to) {
    return missed.worst(WINDOW, from, to);
  }
}
