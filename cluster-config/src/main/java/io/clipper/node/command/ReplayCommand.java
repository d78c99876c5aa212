package io.clipper.node.command;

import io.clipper.backup.Store;
import io.clipper.feedback.Judging;
import io.clipper.feedback.Loss;
import io.clipper.node.replay.Columns;
import io.clipper.node.replay.Course;
import io.clipper.node.replay.Curves;
import io.clipper.node.replay.OffPolicy;
import io.clipper.node.replay.Picture;
import io.clipper.node.replay.PlayedLog;
import io.clipper.node.replay.PolicyText;
import io.clipper.node.replay.RecordedFeedback;
import io.clipper.node.replay.Recording;
import io.clipper.node.replay.Replay;
import io.clipper.node.replay.StoreRecording;
import io.clipper.node.terminal.Table;
import io.clipper.node.terminal.Terminal;
import io.clipper.selection.PolicySettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Collections;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code replay}: what policies would have made of recorded answers and labels. */
@Command(
    name = "replay",
    description = {
      "Lets policies decide recorded queries, and prints what each would have lost along the way. No node is asked.",
      "FILE is CSV: a column of labels, and for each model a column of what it answered (empty: nothing).",
      "Without it, what a store still holds of the application named by --app: its feedback beside what models had answered.",
      "With --off-policy it estimates from queries of each of which one model was played, by the probability it was played with; of such"
          + " a FILE the columns are model, probability, and loss or reward."
    },
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:done", "1:the store cannot be read, and said why", "2:wrong usage, or a file that cannot be read"})
final class ReplayCommand implements Callable<Integer> {
  private final Terminal terminal;

  @Parameters(paramLabel = "FILE", arity = "0..1", description = "what was recorded")
  private Optional<Path> file = Optional.empty();

  @Option(names = "--app", paramLabel = "NAME", description = "the application of a store whose feedback is replayed")
  private Optional<String> application = Optional.empty();

  @Mixin private StoreAt store = new StoreAt();

  @Option(
      names = "--policy",
      paramLabel = "NAME[:OPTION=NUMBER]",
      split = ",",
      required = true,
      description = "the policies to compare, separated by commas, such as exp3:eta=0.05,thompson: docs/policies.md")
  private List<String> policies = List.of();

  @Option(names = "--off-policy", description = "estimate, from queries that played one model each")
  private boolean offPolicy;

  @Option(names = "--label-column", paramLabel = "NAME", description = "the column of labels (default: ${DEFAULT-VALUE})")
  private String labelColumn = "label";

  @Option(names = "--context-column", paramLabel = "NAME", description = "the column that says for whom a query was")
  private Optional<String> contextColumn = Optional.empty();

  @Option(
      names = "--feature-columns",
      paramLabel = "NAME",
      split = ",",
      description = "the columns of numbers that policies may go by, separated by commas")
  private List<String> featureColumns = List.of();

  @Option(names = "--loss", paramLabel = "NAME", description = "how an answer is judged (default: ${DEFAULT-VALUE})")
  private String loss = "zero-one";

  @Option(names = "--combiner", paramLabel = "NAME", description = "how answers are combined: docs/certainty.md (default: weighted-vote)")
  private Optional<String> combiner = Optional.empty();

  @Option(names = "--max-asked", paramLabel = "N", description = "the most models one query asks (default: ${DEFAULT-VALUE})")
  private int maxAsked = 8;

  @Option(names = "--missing-loss", paramLabel = "SHARE", description = "the loss of no answer, 0..1 (default: ${DEFAULT-VALUE})")
  private double missingLoss = 1;

  @Option(names = "--late-loss", paramLabel = "SHARE", description = "the loss of being late, 0..1 (default: ${DEFAULT-VALUE})")
  private double lateLoss = 0.5;

  @Option(names = "--seed", paramLabel = "N", description = "of the lots that are drawn (default: ${DEFAULT-VALUE})")
  private long seed = 1;

  @Option(names = "--svg", paramLabel = "FILE", description = "where to draw loss, regret and weights")
  private Optional<Path> svg = Optional.empty();

  @Option(names = "--json", description = "as JSON")
  private boolean json;

  /** Only the parser asks for it. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and stop")
  private boolean help;

  ReplayCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() throws IOException, SQLException {
    if (maxAsked < 1) {
      throw new IllegalArgumentException("--max-asked %d is below 1".formatted(maxAsked));
    }
    if (file.isPresent() == application.isPresent()) {
      throw new IllegalArgumentException("a FILE or the --app of a store: one of them");
    }
    List<PolicySettings> settings = policies.stream().map(PolicyText::parse).toList();
    if (offPolicy) {
      estimate(settings);
    } else {
      replay(settings);
    }
    return 0;
  }

  private void replay(List<PolicySettings> settings) throws IOException, SQLException {
    Replay replay = new Replay(recording(), new Judging(Loss.named(loss), missingLoss, lateLoss), combiner, maxAsked);
    List<Course> courses = settings.stream().map(policy -> replay.of(policy, new Random(seed))).toList();
    if (svg.isPresent()) {
      Files.writeString(svg.get(), Picture.svg(courses));
    }
    if (json) {
      terminal.line(ReplayJson.of(replay, courses).toPrettyString());
      return;
    }
    terminal.line("%d queries".formatted(replay.recording().queries().size()));
    print(models(replay));
    print(compared(courses));
    courses.forEach(course -> print(Curves.table(course)));
    svg.ifPresent(drawn -> terminal.line("\ndrawn in " + drawn));
    next(courses.stream().min(Comparator.comparingDouble(Course::meanLoss)).orElseThrow().policy());
  }

  private static Table models(Replay replay) {
    Table table = new Table("model", "mean loss");
    List<Double> means = replay.meanLosses();
    for (int model = 0; model < means.size(); model++) {
      table.row(replay.recording().models().get(model).toString(), loss(means.get(model)));
    }
    return table;
  }

  private static Table compared(List<Course> courses) {
    Table table = new Table("policy", "mean loss", "regret", "asked", "unanswered");
    for (Course course : courses) {
      table.row(
          PolicyText.of(course.policy()),
          loss(course.meanLoss()),
          String.format(Locale.ROOT, "%.1f", course.regret()),
          String.format(Locale.ROOT, "%.2f", course.asked()),
          Long.toString(course.unanswered()));
    }
    return table;
  }

  private void estimate(List<PolicySettings> settings) throws IOException, SQLException {
    PlayedLog log = played();
    OffPolicy estimating = new OffPolicy(log);
    Map<PolicySettings, OffPolicy.Estimated> estimates = new LinkedHashMap<>();
    settings.forEach(policy -> estimates.put(policy, estimating.of(policy)));
    if (json) {
      terminal.line(ReplayJson.of(log, estimating, estimates).toPrettyString());
      return;
    }
    Table table = new Table("instead", "inverse propensity", "give or take", "self-normalised", "effective queries");
    log.models().forEach(model -> table.row(row("always " + model, estimating.ofModel(model))));
    estimates.forEach((policy, estimated) -> table.row(row(PolicyText.of(policy), estimated)));
    terminal.line("%d queries that played one model each; their mean loss is %s".formatted(log.rounds().size(), loss(log.meanLoss())));
    print(table);
    next(Collections.min(estimates.entrySet(), Comparator.comparingDouble(one -> one.getValue().normalised())).getKey());
  }

  private void print(Table table) {
    terminal.line("");
    table.lines().forEach(terminal::line);
  }

  private static String[] row(String instead, OffPolicy.Estimated estimated) {
    return new String[] {
      instead,
      loss(estimated.inverse()),
      loss(estimated.error()),
      estimated.effective() > 0 ? loss(estimated.normalised()) : "not known",
      String.format(Locale.ROOT, "%.0f", estimated.effective())
    };
  }

  private void next(PolicySettings best) {
    terminal.next("./clipper app update %s %s".formatted(application.orElse("APP"), PolicyText.words(best)));
  }

  private Columns columns() {
    return new Columns(labelColumn, contextColumn, featureColumns);
  }

  private Recording recording() throws IOException, SQLException {
    if (file.isPresent()) {
      try (Stream<String> lines = Files.lines(file.get())) {
        return Recording.of(lines.iterator(), columns());
      }
    }
    RecordedFeedback feedback = feedback();
    StoreRecording recorded = StoreRecording.of(feedback);
    leftOut(feedback, "%d that are no label or of queries that did not ask all models".formatted(recorded.partial()));
    return recorded.recording();
  }

  private PlayedLog played() throws IOException, SQLException {
    if (file.isPresent()) {
      try (Stream<String> lines = Files.lines(file.get())) {
        return PlayedLog.of(lines.iterator(), columns());
      }
    }
    RecordedFeedback feedback = feedback();
    PlayedLog log = PlayedLog.of(feedback);
    leftOut(feedback, "%d that do not judge a model that was drawn".formatted(feedback.joined().size() - log.rounds().size()));
    return log;
  }

  private RecordedFeedback feedback() throws SQLException {
    try (Store kept = store.kept()) {
      return RecordedFeedback.of(kept.database(), application.orElseThrow());
    }
  }

  private void leftOut(RecordedFeedback feedback, String more) {
    if (!json) {
      terminal.line(
          "%d pieces of feedback in the journal; left out: %d whose query is not in the prediction log, %s"
              .formatted(feedback.lessons(), feedback.withoutQuery(), more));
    }
  }

  private static String loss(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
