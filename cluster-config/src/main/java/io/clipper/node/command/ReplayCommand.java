package io.clipper.node.command;

import io.clipper.backup.Store;
import io.clipper.feedback.Loss;
import io.clipper.node.replay.Course;
import io.clipper.node.replay.Picture;
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
import java.util.ArrayList;
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
      "Lets policies decide recorded queries, and prints what each would have lost. No node is asked.",
      "FILE is CSV: a column of labels, and for each model a column of what it answered (empty: nothing).",
      "Without it, what a store still holds of the application named by --app: its feedback beside what models had answered."
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
      paramLabel = "NAME",
      split = ",",
      required = true,
      description = "the policies to compare, separated by commas: docs/policies.md")
  private List<String> policies = List.of();

  @Option(names = "--label-column", paramLabel = "NAME", description = "the column of labels (default: ${DEFAULT-VALUE})")
  private String labelColumn = "label";

  @Option(names = "--loss", paramLabel = "NAME", description = "how an answer is judged (default: ${DEFAULT-VALUE})")
  private String loss = "zero-one";

  @Option(names = "--combiner", paramLabel = "NAME", description = "how answers are combined: docs/certainty.md (default: weighted-vote)")
  private Optional<String> combiner = Optional.empty();

  @Option(names = "--max-asked", paramLabel = "N", description = "the most models one query asks (default: ${DEFAULT-VALUE})")
  private int maxAsked = 8;

  @Option(names = "--missing-loss", paramLabel = "SHARE", description = "the loss of no answer, 0..1 (default: ${DEFAULT-VALUE})")
  private double missingLoss = 1;

  @Option(names = "--seed", paramLabel = "N", description = "of the lots that are drawn (default: ${DEFAULT-VALUE})")
  private long seed = 1;

  @Option(names = "--svg", paramLabel = "FILE", description = "where to draw loss, regret and weights")
  private Optional<Path> svg = Optional.empty();

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
    if (!(missingLoss >= 0 && missingLoss <= 1)) {
      throw new IllegalArgumentException("--missing-loss %s is outside 0..1".formatted(missingLoss));
    }
    List<PolicySettings> settings = policies.stream().map(name -> new PolicySettings(name, Map.of())).toList();
    Replay replay = new Replay(recording(), Loss.named(loss), combiner, maxAsked, missingLoss);
    Table models = new Table("model", "mean loss");
    List<Double> means = replay.meanLosses();
    for (int model = 0; model < means.size(); model++) {
      models.row(replay.recording().models().get(model).toString(), loss(means.get(model)));
    }
    List<Course> courses = new ArrayList<>();
    Table table = new Table("policy", "mean loss", "regret", "asked", "unanswered");
    for (PolicySettings policy : settings) {
      Course course = replay.of(policy, new Random(seed));
      courses.add(course);
      table.row(
          course.policy(),
          loss(course.meanLoss()),
          String.format(Locale.ROOT, "%.1f", course.regret()),
          String.format(Locale.ROOT, "%.2f", course.asked()),
          Long.toString(course.unanswered()));
    }
    terminal.line("%d queries".formatted(replay.recording().queries().size()));
    models.lines().forEach(terminal::line);
    terminal.line("");
    table.lines().forEach(terminal::line);
    if (svg.isPresent()) {
      Files.writeString(svg.get(), Picture.svg(courses));
      terminal.line("");
      terminal.line("drawn in " + svg.get());
    }
    terminal.next("./clipper app update %s --policy %s".formatted(application.orElse("APP"), best(courses)));
    return 0;
  }

  private static String best(List<Course> courses) {
    Course best = courses.getFirst();
    for (Course course : courses) {
      best = course.meanLoss() < best.meanLoss() ? course : best;
    }
    return best.policy();
  }

  private Recording recording() throws IOException, SQLException {
    if (file.isPresent() == application.isPresent()) {
      throw new IllegalArgumentException("a FILE or the --app of a store: one of them");
    }
    if (application.isPresent()) {
      return recorded(application.get());
    }
    try (Stream<String> lines = Files.lines(file.get())) {
      return Recording.of(lines.iterator(), labelColumn);
    }
  }

  private Recording recorded(String name) throws SQLException {
    try (Store kept = store.kept()) {
      StoreRecording recorded = StoreRecording.of(kept.database(), name, Loss.named(loss));
      terminal.line(
          "%d pieces of feedback in the journal; left out: %d whose query is not in the prediction log, %d that do not judge all models"
              .formatted(recorded.lessons(), recorded.withoutAnswers(), recorded.partial()));
      return recorded.recording();
    }
  }

  private static String loss(double value) {
    return String.format(Locale.ROOT, "%.4f", value);
  }
}
