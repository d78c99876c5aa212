package io.clipper.load.experiment;

import io.clipper.application.Prediction;
import io.clipper.model.Signature;
import io.clipper.node.demo.Digits;
import io.clipper.node.plot.Plot;
import io.clipper.node.plot.Plot.Mark;
import io.clipper.node.plot.Plot.Panel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/**
 * Figure 8 of the Clipper paper: models degrade after a quarter of the queries and recover after half of them. Every policy gets the same
 * digits, in an application of its own on one node, and each label before the next digit.
 */
public final class FailureRecovery implements Experiment {
  /** First the policy that cannot learn, then those that play one model, then those that weigh them all. */
  private static final List<String> POLICIES = List.of("single", "exp3", "thompson", "uniform", "exp4", "fixed-share");

  private static final String BEST = "neural-network";

  /** The best first, since that is the one that {@code single} plays. */
  private static final List<String> MODELS = List.of(BEST, "linear-svm", "random-forest", "logistic-regression", "naive-bayes");

  private static final Set<String> BREAKABLE = Set.copyOf(Digits.BREAKING);
  private static final double NOISE = 0.5;
  private static final long SEED = 8;
  private static final int LOOK = 50;

  private record Breakdown(String title, Set<String> models) {}

  private static final List<Breakdown> BREAKDOWNS =
      List.of(new Breakdown("the best model", Set.of(BEST)), new Breakdown("three of five", BREAKABLE));

  private final int queries;
  private final List<String> policies;

  public FailureRecovery(int queries) {
    this(queries, POLICIES);
  }

  FailureRecovery(int queries, List<String> policies) {
    this.queries = queries;
    this.policies = policies;
  }

  @Override
  public String name() {
    return "failure-recovery";
  }

  @Override
  public void run(Path folder, Path pages, Findings findings) throws IOException {
    List<String> lines = new ArrayList<>();
    List<List<Panel>> columns = new ArrayList<>();
    for (Breakdown breakdown : BREAKDOWNS) {
      Map<String, Course> courses = courses(folder.resolve(breakdown.title().replace(' ', '-')), breakdown);
      lines.addAll(table(breakdown, courses));
      columns.add(panels(breakdown, courses));
      judge(breakdown, courses, findings);
    }
    List<Panel> panels = new ArrayList<>();
    for (int row = 0; row < columns.getFirst().size(); row++) {
      for (List<Panel> column : columns) {
        panels.add(column.get(row));
      }
    }
    new Page(pages, name()).show(lines, panels);
  }

  private Map<String, Course> courses(Path folder, Breakdown breakdown) throws IOException {
    Map<String, Course> courses = new LinkedHashMap<>();
    BREAKABLE.forEach(model -> BreakableProvider.order(model, Fault.NONE));
    try (ExperimentNode node = ExperimentNode.start(folder)) {
      Signature signature = deploy(node);
      for (String policy : policies) {
        node.serve(policy, signature, ExperimentNode.UNHURRIED, ExperimentNode.classifying(policy), MODELS);
        courses.put(policy, new Course(policy, queries));
      }
      NoisyDigits digits = new NoisyDigits(new SplittableRandom(SEED));
      for (int query = 0; query < queries; query++) {
        if (query == queries / 4 || query == queries / 2) {
          Fault fault = query == queries / 4 ? Fault.CONFUSED : Fault.NONE;
          breakdown.models().forEach(model -> BreakableProvider.order(model, fault));
        }
        askAll(node, digits.next(NOISE), courses);
        if ((query + 1) % LOOK == 0) {
          courses.forEach((policy, course) -> course.looked(node.weight(policy, breakdown.models()), LOOK));
        }
      }
    }
    return courses;
  }

  private static Signature deploy(ExperimentNode node) throws IOException {
    for (String model : BREAKABLE) {
      node.deploy(model, BreakableProvider.spec(model, model));
    }
    return node.deploy("digits/models", MODELS.stream().filter(model -> !BREAKABLE.contains(model)).toList());
  }

  private static void askAll(ExperimentNode node, Example digit, Map<String, Course> courses) {
    Map<Course, CompletableFuture<Prediction>> answers = new LinkedHashMap<>();
    courses.forEach((policy, course) -> answers.put(course, node.ask(policy, digit.input(), Optional.empty())));
    List<CompletableFuture<Void>> taught = new ArrayList<>();
    answers.forEach(
        (course, answer) -> {
          Prediction prediction = answer.join();
          course.answered(prediction, digit.label());
          taught.add(node.teach(course.policy(), prediction, digit.label(), Optional.empty()));
        });
    taught.forEach(CompletableFuture::join);
  }

  private List<String> table(Breakdown breakdown, Map<String, Course> courses) {
    int fault = queries / 4;
    int restored = queries / 2;
    List<String> lines = new ArrayList<>();
    lines.add("### Broken: %s".formatted(breakdown.title()));
    lines.add("");
    lines.add(
        Page.row(
            List.of(
                "policy", "errors", "before", "broken", "restored", "recovered after", "weight broken, after 300", "weight back after", "defaults")));
    lines.add(Page.rule(9));
    courses
        .values()
        .forEach(
            course ->
                lines.add(
                    Page.row(
                        List.of(
                            "`%s`".formatted(course.policy()),
                            "%.0f".formatted(course.wrong().sum(0, queries)),
                            Page.percent(course.before(fault)),
                            Page.percent(course.wrong().mean(fault, restored)),
                            Page.percent(course.wrong().mean(restored, queries)),
                            course.recovered(fault, restored).map("%d"::formatted).orElse("not"),
                            Page.percent(course.weight(fault + Course.WINDOW)),
                            course.back(fault, restored).map("%d"::formatted).orElse("not"),
                            "%.0f".formatted(course.defaults().sum(0, queries))))));
    lines.add("");
    return lines;
  }

  private List<Panel> panels(Breakdown breakdown, Map<String, Course> courses) {
    List<Mark> marks = List.of(new Mark("broken", queries / 4), new Mark("restored", queries / 2));
    String broken = "broken: " + breakdown.title();
    return List.of(
        new Panel("errors so far, " + broken, "queries", lines(courses, course -> course.wrong().accumulated()), marks),
        new Panel(
            "share of errors in the latest %d, %s".formatted(Course.WINDOW, broken),
            "queries",
            lines(courses, course -> course.wrong().moving(Course.WINDOW)),
            marks),
        new Panel("weight of what breaks, " + broken, "queries", lines(courses, Course::weights), marks));
  }

  private static List<Plot.Line> lines(Map<String, Course> courses, Function<Course, Series> series) {
    return courses.values().stream().map(course -> series.apply(course).line(course.policy())).toList();
  }

  private void judge(Breakdown breakdown, Map<String, Course> courses, Findings findings) {
    int fault = queries / 4;
    int restored = queries / 2;
    for (Course course : courses.values()) {
      Optional<Integer> recovered = course.recovered(fault, restored);
      String told =
          "%s breaks, %s: %.1f %% wrong before, %.1f %% while it is broken; a window of %d within 2 points begins %s"
              .formatted(
                  breakdown.title(),
                  course.policy(),
                  100 * course.before(fault),
                  100 * course.wrong().mean(fault, restored),
                  Course.WINDOW,
                  recovered.map("%d queries after it"::formatted).orElse("never"));
      if (course.policy().equals("fixed-share")) {
        findings.bar(recovered.filter(after -> after <= Course.WINDOW).isPresent(), told + " (%d)".formatted(Course.WINDOW));
      } else {
        findings.line(told);
      }
    }
  }
}
