package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.Answer;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Table;
import io.clipper.node.terminal.Terminal;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code predict}: one input, or a file of them. */
@Command(
    name = "predict",
    description = "Asks an application: for one input, or with --file for each row of a CSV file with a heading.")
final class PredictCommand extends ClientVerb {
  private final LongSupplier nanoClock;

  @Parameters(index = "0", paramLabel = "APP", description = "the application")
  private String application = "";

  @Parameters(index = "1..*", arity = "0..*", paramLabel = "VALUES", description = "the input: numbers, or one string")
  private List<String> values = List.of();

  @Option(names = "--input", paramLabel = "JSON", description = "the input as JSON")
  private Optional<String> input = Optional.empty();

  @Option(names = "--context", paramLabel = "NAME", description = "whoever the learning is for: a user, a session")
  private Optional<String> context = Optional.empty();

  @Option(names = "--slo", paramLabel = "TIME", description = "the time to answer in, instead of the application's")
  private Optional<Duration> slo = Optional.empty();

  @Option(names = "--version", paramLabel = "V", description = "a version of the only linked model")
  private Optional<String> version = Optional.empty();

  @Option(names = "--file", paramLabel = "FILE", description = "a CSV file: one input a row")
  private Optional<Path> file = Optional.empty();

  @Option(names = "--out", paramLabel = "FILE", description = "with --file: where the answers go (default: the output)")
  private Optional<Path> out = Optional.empty();

  @Option(
      names = "--label-column",
      paramLabel = "NAME",
      description = "with --file: the true answers; not part of the input")
  private Optional<String> labelColumn = Optional.empty();

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "with --file: the most rows under way; fewer while the node is busy (default: ${DEFAULT-VALUE})")
  private int concurrency = 32;

  @Option(names = "--progress", description = "with --file: a progress bar, also where nobody seems to look")
  private boolean progress;

  @Option(names = "--json", description = "as JSON")
  private boolean json;

  PredictCommand(Terminal terminal, LongSupplier nanoClock) {
    super(terminal);
    this.nanoClock = nanoClock;
  }

  @Override
  int run(NodeClient client) throws IOException {
    if ((values.isEmpty() ? 0 : 1) + (input.isPresent() ? 1 : 0) + (file.isPresent() ? 1 : 0) != 1) {
      throw wrong("give the input as values, as --input JSON, or as --file FILE");
    }
    if (file.isPresent()) {
      if (concurrency < 1) {
        throw wrong("--concurrency %d is below 1".formatted(concurrency));
      }
      return new FileVerb(terminal, nanoClock, file.get(), out, labelColumn, concurrency, progress, json)
          .run(row -> client.predict(application, request(Values.input(row.values()))).thenApply(Answer::of), application);
    }
    JsonNode value = input.map(Values::json).orElseGet(() -> Values.input(values));
    JsonNode answered = NodeClient.await(client.predict(application, request(value)));
    return json ? json(answered) : print(Answer.of(answered));
  }

  private ObjectNode request(JsonNode value) {
    ObjectNode request = NodeClient.request();
    request.set("input", value);
    context.ifPresent(name -> request.put("context", name));
    slo.ifPresent(time -> request.put("slo_micros", Durations.micros(time)));
    version.ifPresent(name -> request.put("version", name));
    return request;
  }

  private int print(Answer answer) {
    terminal.line(answer.output());
    answer.reason().ifPresent(reason -> terminal.line("the default: " + reason));
    StringBuilder facts = new StringBuilder("query_id %d".formatted(answer.queryId()));
    answer.agreement().ifPresent(share -> facts.append(String.format(Locale.ROOT, ", agreement %.2f", share)));
    answer.confidence().ifPresent(share -> facts.append(String.format(Locale.ROOT, ", confidence %.2f", share)));
    terminal.line(facts.toString());
    Table table = new Table("model", "output", "weight", "");
    answer.models().forEach(model ->
        table.row(
            model.name() + ":" + model.version(),
            model.output().orElse("-"),
            String.format(Locale.ROOT, "%.3f", model.weight()),
            model.late() ? "late" : model.cached() ? "cached" : ""));
    if (!table.isEmpty()) {
      table.lines().forEach(terminal::line);
    }
    terminal.next("./clipper feedback %s --query-id %d --label %s".formatted(application, answer.queryId(), answer.output()));
    return OK;
  }
}
