package io.clipper.load.experiment;

import io.clipper.application.Prediction;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.node.plot.Plot.Line;
import io.clipper.node.plot.Plot.Panel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Random;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/**
 * Figure 10 of the Clipper paper, on digits: users write in dialects, each model knows one of them, and nobody says which user writes in
 * which. One application learns for each user, the other for all; both get the same digits of the same users, and all labels.
 */
public final class Personalisation implements Experiment {
  private static final String OWN = "of-the-user";
  private static final String ALL = "of-all";
  private static final double NOISE = 0.5;
  private static final long SEED = 10;

  /** Labels of a user between which errors are counted together. */
  private static final int[] STRETCHES = {0, 1, 2, 5, 10, 20, 40};

  /** From here on a user's state must be better than one for all. */
  private static final int FEW = 10;

  /** And from here on about as good as if the dialect were known. */
  private static final int ENOUGH = 20;

  private record User(String name, Dialect dialect) {}

  /** How many users erred at their first, second, … digit. */
  private static final class Errors {
    private final String by;
    private final double[] counts;

    Errors(String by, int digits) {
      this.by = by;
      counts = new double[digits];
    }

    void count(int digit, boolean wrong) {
      counts[digit] += wrong ? 1 : 0;
    }

    double mean(int from, int to, int users) {
      return Arrays.stream(counts, from, to).sum() / users / (to - from);
    }

    Line line(int users) {
      return new Line(
          by, LongStream.range(0, counts.length).boxed().toList(), Arrays.stream(counts).map(count -> count / users).boxed().toList());
    }
  }

  private final int usersOfADialect;

  public Personalisation(int usersOfADialect) {
    this.usersOfADialect = usersOfADialect;
  }

  @Override
  public String name() {
    return "personalisation";
  }

  @Override
  public void run(Path folder, Path pages, Findings findings) throws IOException {
    int digits = STRETCHES[STRETCHES.length - 1];
    List<User> users = users();
    List<Errors> all = new ArrayList<>();
    for (String by : List.of("state of the user's own", "one state for all", "the user's dialect, if known")) {
      all.add(new Errors(by, digits));
    }
    try (ExperimentNode node = ExperimentNode.start(folder)) {
      List<String> models = Dialect.ALL.stream().map(Dialect::model).toList();
      Signature signature = node.deploy("dialects/models", models);
      node.serve(OWN, signature, ExperimentNode.UNHURRIED, ExperimentNode.classifying("fixed-share"), models);
      node.serve(ALL, signature, ExperimentNode.UNHURRIED, ExperimentNode.classifying("fixed-share"), models);
      List<Errors> single = models.stream().map(model -> new Errors("the best one model", digits)).toList();
      NoisyDigits source = new NoisyDigits(new SplittableRandom(SEED));
      Random order = new Random(SEED);
      for (int digit = 0; digit < digits; digit++) {
        Collections.shuffle(users, order);
        for (User user : users) {
          ask(node, user, user.dialect().spoken(source.next(NOISE)), digit, all, single);
        }
      }
      all.add(single.stream().min(Comparator.comparingDouble(errors -> errors.mean(0, digits, users.size()))).orElseThrow());
    }
    judge(all, users.size(), findings);
    new Page(pages, name()).show(table(all, users.size()), panels(all, users.size()));
  }

  private List<User> users() {
    List<User> users = new ArrayList<>();
    for (Dialect dialect : Dialect.ALL) {
      for (int i = 0; i < usersOfADialect; i++) {
        users.add(new User("%s-%d".formatted(dialect.model(), i), dialect));
      }
    }
    return users;
  }

  private static void ask(ExperimentNode node, User user, Example example, int digit, List<Errors> all, List<Errors> single) {
    Optional<String> context = Optional.of(user.name());
    CompletableFuture<Prediction> own = node.ask(OWN, example.input(), context);
    CompletableFuture<Prediction> general = node.ask(ALL, example.input(), Optional.empty());
    Prediction answer = own.join();
    all.get(0).count(digit, isWrong(answer, example));
    all.get(1).count(digit, isWrong(general.join(), example));
    for (Prediction.ModelAnswer model : answer.models()) {
      boolean wrong = model.output().flatMap(output -> output.label()).filter(example.label()::equals).isEmpty();
      single.get(index(model.model())).count(digit, wrong);
      if (model.model().name().equals(user.dialect().model())) {
        all.get(2).count(digit, wrong);
      }
    }
    CompletableFuture<Void> taught = node.teach(OWN, answer, example.label(), context);
    node.teach(ALL, general.join(), example.label(), Optional.empty()).join();
    taught.join();
  }

  private static boolean isWrong(Prediction prediction, Example example) {
    return prediction.isDefault() || prediction.output().label().filter(example.label()::equals).isEmpty();
  }

  private static int index(ModelId model) {
    return IntStream.range(0, Dialect.ALL.size()).filter(i -> Dialect.ALL.get(i).model().equals(model.name())).findFirst().orElseThrow();
  }

  private static void judge(List<Errors> all, int users, Findings findings) {
    int digits = STRETCHES[STRETCHES.length - 1];
    double own = all.get(0).mean(FEW, digits, users);
    double general = all.get(1).mean(FEW, digits, users);
    double settled = all.get(0).mean(ENOUGH, digits, users);
    double known = all.get(2).mean(ENOUGH, digits, users);
    findings.bar(
        own <= general / 2,
        "after %d labels of a user's own: %.1f %% wrong by the user's state, %.1f %% by one for all (half of it)".formatted(FEW, 100 * own, 100 * general));
    findings.bar(
        settled <= known + 0.02,
        "after %d labels of a user's own: %.1f %% wrong, %.1f %% by the model of the user's dialect (2 points more)"
            .formatted(ENOUGH, 100 * settled, 100 * known));
    for (Errors errors : all) {
      StringBuilder text = new StringBuilder(errors.by).append(':');
      for (int i = 1; i < STRETCHES.length; i++) {
        text.append(String.format(Locale.ROOT, "  %d..%d %.1f %%", STRETCHES[i - 1], STRETCHES[i] - 1, 100 * errors.mean(STRETCHES[i - 1], STRETCHES[i], users)));
      }
      findings.line(text.toString());
    }
  }

  private static List<String> table(List<Errors> all, int users) {
    List<String> lines = new ArrayList<>();
    lines.add("%d users, %d of each dialect. Share of errors by how many labels a user had given before:".formatted(users, users / Dialect.ALL.size()));
    lines.add("");
    List<String> heading = new ArrayList<>(List.of("labels of the user"));
    for (int i = 1; i < STRETCHES.length; i++) {
      int last = STRETCHES[i] - 1;
      heading.add(STRETCHES[i - 1] == last ? "%d".formatted(last) : "%d to %d".formatted(STRETCHES[i - 1], last));
    }
    lines.add(Page.row(heading));
    lines.add(Page.rule(heading.size()));
    for (Errors errors : all) {
      List<String> cells = new ArrayList<>(List.of(errors.by));
      for (int i = 1; i < STRETCHES.length; i++) {
        cells.add(Page.percent(errors.mean(STRETCHES[i - 1], STRETCHES[i], users)));
      }
      lines.add(Page.row(cells));
    }
    return lines;
  }

  private static List<Panel> panels(List<Errors> all, int users) {
    return List.of(new Panel("share of errors", "labels of the user", all.stream().map(errors -> errors.line(users)).toList(), List.of()));
  }
}
