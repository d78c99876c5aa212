package io.clipper.load.experiment;

import io.clipper.application.LearnedState.Assured;
import io.clipper.application.Prediction;
import io.clipper.catalog.CertaintySettings;
import io.clipper.certainty.Certainty;
import io.clipper.load.experiment.Issued.Judged;
import io.clipper.node.plot.Plot.Mark;
import io.clipper.node.plot.Plot.Panel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Sets and intervals while their labels' scores become three times as great half-way. Misses are counted on what the server issued; what
 * other rules would have issued for the same answers stands beside.
 */
public final class CoverageUnderShift implements Experiment {
  private static final double MISS = 0.1;
  private static final double MOST_MISSED = 0.13;
  private static final double LARGEST = 1.5;
  private static final int SHIFT = 3;

  /** By how much two means of some thousand scores differ from what they are means of. */
  private static final double BY_CHANCE = 0.05;

  private static final int CALIBRATING = 1_000;
  static final CertaintySettings SETTINGS = new CertaintySettings(Optional.of(1 - MISS), "none", "none");

  private final int labels;
  private final double leastShift;

  public CoverageUnderShift(int labels) {
    this(labels, SHIFT * (1 - BY_CHANCE));
  }

  /** @param leastShift of the scores' mean; in few labels that before the shift is still one of weights that are being learned */
  CoverageUnderShift(int labels, double leastShift) {
    this.labels = labels;
    this.leastShift = leastShift;
  }

  @Override
  public String name() {
    return "certainty";
  }

  @Override
  public void run(Path folder, Path pages, Findings findings) throws IOException {
    List<String> lines = new ArrayList<>();
    List<Panel> panels = new ArrayList<>();
    for (Subject subject : List.of(new Subject.OfDigits(), new Subject.OfFriedman())) {
      List<Judged> stream = new ArrayList<>();
      Issued served = new Issued("served", labels);
      Assured assured = ask(folder.resolve(subject.name()), subject, stream, served);
      List<Issued> all = beside(served, stream);
      judge(subject, all, shift(stream), findings);
      lines.addAll(table(subject, all, shift(stream), assured));
      panels.addAll(panels(subject, all));
    }
    new Page(pages, name()).show(lines, panels);
  }

  private Assured ask(Path folder, Subject subject, List<Judged> stream, Issued served) throws IOException {
    try (ExperimentNode node = ExperimentNode.start(folder)) {
      node.serve(subject.name(), subject.deploy(node), ExperimentNode.UNHURRIED, subject.learning(), subject.models());
      for (int query = 0; query < labels; query++) {
        boolean shifted = query >= labels / 2;
        Example example = subject.next(shifted);
        Prediction prediction = node.ask(subject.name(), example.input(), Optional.empty()).join();
        Certainty issued = prediction.certainty().orElseThrow();
        String label = subject.label(example, prediction, shifted);
        served.add(!Subject.holds(issued, label), Subject.size(issued));
        stream.add(new Judged(subject.basis(prediction), subject.basis(prediction).score(label).orElseThrow()));
        node.teach(subject.name(), prediction, label, Optional.empty()).join();
      }
      return node.state(subject.name()).assured().orElseThrow();
    }
  }

  private static List<Issued> beside(Issued served, List<Judged> stream) {
    List<Double> first = Judged.scores(stream.subList(0, CALIBRATING));
    return List.of(
        served,
        Issued.by(new Threshold.Split(first, MISS), stream),
        Issued.by(new Threshold.Adaptive(0.005, 0.005, MISS), stream),
        Issued.by(new Threshold.Adaptive(0.02, 0.005, MISS), stream),
        Issued.by(new Threshold.Adaptive(0.02, 0.02, MISS), stream),
        Issued.by(new Threshold.Adaptive(0.05, 0.05, MISS), stream));
  }

  /** How many times as great scores are, on average. */
  private double shift(List<Judged> stream) {
    return mean(stream.subList(labels / 2, labels)) / mean(stream.subList(0, labels / 2));
  }

  private static double mean(List<Judged> stream) {
    return stream.stream().mapToDouble(Judged::score).average().orElse(0);
  }

  private void judge(Subject subject, List<Issued> all, double shift, Findings findings) {
    Issued served = all.getFirst();
    findings.bar(shift >= leastShift, "%s: scores are %.2f times as great after the shift (%.2f)".formatted(subject.name(), shift, leastShift));
    double worst = served.worst(0, labels);
    findings.bar(
        worst <= MOST_MISSED + 1e-9,
        "%s: the worst %d in a row missed %.1f %% (%.0f)".formatted(subject.name(), Issued.WINDOW, 100 * worst, 100 * MOST_MISSED));
    double ratio = sizeBefore(served) / sizeBefore(all.get(1));
    findings.bar(
        ratio <= LARGEST, "%s: before the shift %.2f times the size of split conformal's (%.1f)".formatted(subject.name(), ratio, LARGEST));
    for (Issued other : all) {
      findings.line(
          "%s, %s: worst %.1f %%, missed %.1f %% before and %.1f %% after, size %.2f before and %.2f after"
              .formatted(
                  subject.name(),
                  other.by(),
                  100 * other.worst(0, labels),
                  100 * other.missed().mean(0, labels / 2),
                  100 * other.missed().mean(labels / 2, labels),
                  sizeBefore(other),
                  meanSize(other, labels / 2, labels)));
    }
  }

  /** On what split conformal was not calibrated with. */
  private double sizeBefore(Issued issued) {
    return meanSize(issued, CALIBRATING, labels / 2);
  }

  /** Over those that are bounded. */
  private static double meanSize(Issued issued, int from, int to) {
    double sum = 0;
    int bounded = 0;
    for (int i = from; i < to; i++) {
      double size = issued.sizes().at(i);
      sum += size < Double.POSITIVE_INFINITY ? size : 0;
      bounded += size < Double.POSITIVE_INFINITY ? 1 : 0;
    }
    return sum / Math.max(1, bounded);
  }

  private static long unbounded(Issued issued, int from, int to) {
    long unbounded = 0;
    for (int i = from; i < to; i++) {
      unbounded += issued.sizes().at(i) < Double.POSITIVE_INFINITY ? 0 : 1;
    }
    return unbounded;
  }

  private List<String> table(Subject subject, List<Issued> all, double shift, Assured assured) {
    List<String> lines = new ArrayList<>();
    lines.add("### %s".formatted(subject.name()));
    lines.add("");
    lines.add(
        "%,d labels; from label %,d on scores are %.2f times as great. The server says of itself: coverage %.4f, between %.4f and %.4f."
            .formatted(labels, labels / 2, shift, assured.coverage().orElseThrow(), assured.least(), assured.most()));
    lines.add("");
    lines.add(
        Page.row(
            List.of("", "worst %d before".formatted(Issued.WINDOW), "worst %d".formatted(Issued.WINDOW), "missed before", "after", "size before", "after", "unbounded")));
    lines.add(Page.rule(8));
    for (Issued issued : all) {
      lines.add(
          Page.row(
              List.of(
                  issued.by(),
                  Page.percent(issued.worst(0, labels / 2)),
                  Page.percent(issued.worst(0, labels)),
                  Page.percent(issued.missed().mean(0, labels / 2)),
                  Page.percent(issued.missed().mean(labels / 2, labels)),
                  Page.number(sizeBefore(issued)),
                  Page.number(meanSize(issued, labels / 2, labels)),
                  Long.toString(unbounded(issued, 0, labels)))));
    }
    lines.add("");
    return lines;
  }

  private List<Panel> panels(Subject subject, List<Issued> all) {
    List<Mark> marks = List.of(new Mark("scores × 3", labels / 2));
    return List.of(
        new Panel(
            "share missed of the latest %d, %s".formatted(Issued.WINDOW, subject.name()),
            "labels",
            all.stream().map(issued -> issued.missed().moving(Issued.WINDOW).line(issued.by())).toList(),
            marks),
        new Panel(
            "mean size of the latest %d, %s".formatted(Issued.WINDOW, subject.name()),
            "labels",
            all.stream().map(issued -> bounded(issued.sizes()).moving(Issued.WINDOW).line(issued.by())).toList(),
            marks));
  }

  /** With what is unbounded as large as the one before, so that it can be drawn. */
  private static Series bounded(Series sizes) {
    Series bounded = new Series(sizes.size());
    double last = 0;
    for (int i = 0; i < sizes.size(); i++) {
      last = sizes.at(i) < Double.POSITIVE_INFINITY ? sizes.at(i) : last;
      bounded.add(last);
    }
    return bounded;
  }
}
