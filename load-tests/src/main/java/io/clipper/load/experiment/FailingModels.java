package io.clipper.load.experiment;

import io.clipper.application.Prediction;
import io.clipper.model.Signature;
import io.clipper.node.plot.Plot.Line;
import io.clipper.node.plot.Plot.Panel;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Stream;

/**
 * The most accurate of five models fails from the first query on, each time in another way: it is always late, it has an error for one
 * class, it never answers. The objective is what it misses, and labels come for every query.
 */
public final class FailingModels implements Experiment {
  private static final Duration SLO = Duration.ofMillis(100);
  private static final String BEST = "neural-network";
  private static final List<String> OTHERS = List.of("linear-svm", "random-forest", "logistic-regression", "naive-bayes");
  private static final List<String> POLICIES = List.of("fixed-share", "exp3");
  private static final double NOISE = 0.5;
  private static final long SEED = 11;
  private static final int LOOK = 20;

  /** A label is acknowledged when the late answers are in, or given up: so many queries go on meanwhile. */
  private static final int LABELS_ON_THEIR_WAY = 50;

  /** Asked before anything counts: it is the models that are to be late, and not a node that has just started. */
  private static final int WARM_UP = 300;


  /** After so many labels it must be known whom to leave alone. */
  private static final int KNOWN = 200;

  private static final double MOST_DEFAULTS = 0.01;

  /** Below this a share of the choice is no share to speak of. */
  private static final double FLOOR = 0.02;

  private final int queries;
  private final List<Fault> faults;
  private final double mostDefaults;

  public FailingModels(int queries) {
    this(queries, List.of(Fault.LATE, Fault.FAILS_ON_ONE_CLASS, Fault.SILENT), MOST_DEFAULTS);
  }

  /** @param mostDefaults the share of answers after the first labels that may be the default, be it for a busy machine */
  FailingModels(int queries, List<Fault> faults, double mostDefaults) {
    this.queries = queries;
    this.faults = faults;
    this.mostDefaults = mostDefaults;
  }

  @Override
  public String name() {
    return "failing-models";
  }

  @Override
  public void run(Path folder, Path pages, Findings findings) throws IOException {
    List<String> table = new ArrayList<>();
    table.add(Page.row(List.of("failure", "policy", "defaults, first %d".formatted(KNOWN), "defaults after", "errors after", "weight after %d".formatted(KNOWN), "weight after %d".formatted(queries))));
    table.add(Page.rule(7));
    List<Panel> panels = new ArrayList<>();
    for (Fault fault : faults) {
      Map<String, Course> courses = courses(folder.resolve(fault.name()), fault);
      String said = said(fault);
      for (Course course : courses.values()) {
        table.add(row(said, course));
        judge(fault, course, findings);
      }
      panels.add(new Panel("weight of the best model, which " + said, "queries", lines(courses), List.of()));
    }
    new Page(pages, name()).show(table, panels);
  }

  private Map<String, Course> courses(Path folder, Fault fault) throws IOException {
    String unit = "failing";
    BreakableProvider.order(unit, Fault.NONE);
    Map<String, Course> courses = new LinkedHashMap<>();
    try (ExperimentNode node = ExperimentNode.start(folder)) {
      Signature signature = node.deploy(BEST, BreakableProvider.spec(unit, BEST));
      node.deploy("digits/models", OTHERS);
      List<String> models = Stream.concat(Stream.of(BEST), OTHERS.stream()).toList();
      NoisyDigits digits = new NoisyDigits(new SplittableRandom(SEED));
      warmUp(node, signature, models, digits);
      for (String policy : POLICIES) {
        node.serve(policy, signature, SLO, ExperimentNode.classifying(policy), models);
        courses.put(policy, new Course(policy, queries));
      }
      BreakableProvider.order(unit, fault);
      Deque<CompletableFuture<?>> taught = new ArrayDeque<>();
      for (int query = 0; query < queries; query++) {
        taught.addAll(askAll(node, digits.next(NOISE), courses));
        while (taught.size() > LABELS_ON_THEIR_WAY * POLICIES.size()) {
          taught.remove().join();
        }
        if ((query + 1) % LOOK == 0) {
          courses.forEach((policy, course) -> course.looked(node.weight(policy, Set.of(BEST)), LOOK));
        }
      }
      taught.forEach(CompletableFuture::join);
    }
    return courses;
  }

  private static void warmUp(ExperimentNode node, Signature signature, List<String> models, NoisyDigits digits) {
    node.serve("warm-up", signature, ExperimentNode.UNHURRIED, ExperimentNode.classifying("fixed-share"), models);
    for (int query = 0; query < WARM_UP; query++) {
      Example digit = digits.next(NOISE);
      Prediction prediction = node.ask("warm-up", digit.input(), Optional.empty()).join();
      node.teach("warm-up", prediction, digit.label(), Optional.empty()).join();
    }
  }

  /** Completes when the labels are durable. */
  private static List<CompletableFuture<?>> askAll(ExperimentNode node, Example digit, Map<String, Course> courses) {
    Map<Course, CompletableFuture<Prediction>> answers = new LinkedHashMap<>();
    courses.forEach((policy, course) -> answers.put(course, node.ask(policy, digit.input(), Optional.empty())));
    List<CompletableFuture<?>> taught = new ArrayList<>();
    answers.forEach(
        (course, answer) -> {
          Prediction prediction = answer.join();
          course.answered(prediction, digit.label());
          // The node's own clock gives the default where a loop is late to; no label can name that one.
          if (prediction.queryId() != Prediction.NO_QUERY_ID) {
            taught.add(node.tell(course.policy(), prediction, digit.label(), Optional.empty()));
          }
        });
    return taught;
  }

  private String said(Fault fault) {
    return switch (fault) {
      case LATE -> "is always late";
      case FAILS_ON_ONE_CLASS -> "has an error for one class";
      case SILENT -> "never answers";
      case NONE, CONFUSED -> throw new IllegalArgumentException("no failure to answer: " + fault);
    };
  }

  private String row(String said, Course course) {
    return Page.row(
        List.of(
            said,
            "`%s`".formatted(course.policy()),
            Page.percent(course.defaults().mean(0, KNOWN)),
            Page.percent(course.defaults().mean(KNOWN, queries)),
            Page.percent(course.wrong().mean(KNOWN, queries)),
            Page.percent(course.weight(KNOWN)),
            Page.percent(course.weight(queries))));
  }

  private void judge(Fault fault, Course course, Findings findings) {
    double defaults = course.defaults().mean(KNOWN, queries);
    String told =
        "the best model %s, %s: %.1f %% defaults after %d labels, weight %.2f %% then and %.2f %% after %d"
            .formatted(
                said(fault), course.policy(), 100 * defaults, KNOWN, 100 * course.weight(KNOWN), 100 * course.weight(queries), queries);
    if (course.policy().equals("fixed-share")) {
      findings.bar(defaults <= mostDefaults, told + " (%s defaults)".formatted(Page.percent(mostDefaults)));
    } else if (fault == Fault.FAILS_ON_ONE_CLASS) {
      // It is still about as good as the others.
      findings.line(told);
    } else {
      findings.bar(
          course.weight(queries) <= FLOOR && defaults <= mostDefaults,
          told + " (%s defaults, weight %s)".formatted(Page.percent(mostDefaults), Page.percent(FLOOR)));
    }
  }

  private static List<Line> lines(Map<String, Course> courses) {
    return courses.values().stream().map(course -> course.weights().line(course.policy())).toList();
  }
}
