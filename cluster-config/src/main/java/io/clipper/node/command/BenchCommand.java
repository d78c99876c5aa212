package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.bench.Bench;
import io.clipper.node.bench.Load;
import io.clipper.node.bench.Measured;
import io.clipper.node.client.Answer;
import io.clipper.node.client.NodeClient;
import io.clipper.node.demo.Digits;
import io.clipper.node.terminal.Terminal;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bench}: a load, and its percentiles after the warm-up. */
@Command(
    name = "bench",
    description = {
      "Asks an application again and again, and prints rate and latencies after a warm-up.",
      "The client shares the machine with the node: for figures to quote use a load generator of its own."
    })
final class BenchCommand extends ClientVerb {
  private static final List<Double> PERCENTILES = List.of(50.0, 90.0, 99.0, 99.9);

  private final LongSupplier nanoClock;

  @Parameters(paramLabel = "APP", description = "the application")
  private String application = "";

  @Option(
      names = "--input",
      paramLabel = "JSON",
      description = "the input to ask for (default for digits: the held-out rows)")
  private Optional<String> input = Optional.empty();

  @Option(
      names = "--misses",
      description = "a little is added to the first number of each input, so that none is in the cache")
  private boolean misses;

  @Option(
      names = "--concurrency",
      paramLabel = "N",
      description = "connections that each wait for their answer (default: ${DEFAULT-VALUE})")
  private int concurrency = 8;

  @Option(
      names = "--rate",
      paramLabel = "N",
      description = "queries a second at their times, instead of waiting for answers")
  private Optional<Double> rate = Optional.empty();

  @Option(names = "--seconds", paramLabel = "N", description = "how long to measure (default: ${DEFAULT-VALUE})")
  private int seconds = 10;

  @Option(names = "--warm-up", paramLabel = "TIME", description = "asked before that, and not counted (default: 3s)")
  private Duration warmUp = Duration.ofSeconds(3);

  @Option(names = "--json", description = "as JSON")
  private boolean json;

  BenchCommand(Terminal terminal, LongSupplier nanoClock) {
    super(terminal);
    this.nanoClock = nanoClock;
  }

  @Override
  int run(NodeClient client) {
    List<JsonNode> inputs = inputs();
    Load load = load();
    Answer first = Answer.of(NodeClient.await(client.predict(application, request(inputs, 0))));
    Measured measured =
        new Bench(load, number -> client.predict(application, request(inputs, number + 1)).thenApply(Answer::of), nanoClock).run();
    if (json) {
      return json(asJson(measured));
    }
    first.reason().ifPresent(reason -> terminal.line("the first answer was the default: " + reason));
    terminal.line(
        String.format(
            Locale.ROOT,
            "%d answers in %.0f s: %.0f a second, %d defaults, %d refused",
            measured.answers(),
            measured.seconds(),
            measured.rate(),
            measured.defaults(),
            measured.refused()));
    StringBuilder latencies = new StringBuilder();
    PERCENTILES.forEach(p -> latencies.append(String.format(Locale.ROOT, "p%s %.2f ms  ", text(p), measured.millis(p))));
    terminal.line(latencies + String.format(Locale.ROOT, "max %.2f ms", measured.maxMillis()));
    terminal.next(misses ? "./clipper status" : "./clipper bench %s --misses".formatted(application));
    return OK;
  }

  private Load load() {
    OptionalDouble perSecond = rate.map(OptionalDouble::of).orElseGet(OptionalDouble::empty);
    return new Load(concurrency, perSecond, warmUp, Duration.ofSeconds(seconds));
  }

  private List<JsonNode> inputs() {
    if (input.isPresent()) {
      return List.of(Values.json(input.get()));
    }
    if (!application.equals(Digits.APPLICATION)) {
      throw wrong("give an input: --input JSON");
    }
    return Digits.heldOut().stream().map(digit -> Values.input(digit.pixels().stream().map(String::valueOf).toList())).toList();
  }

  private ObjectNode request(List<JsonNode> inputs, long number) {
    JsonNode value = inputs.get((int) (number % inputs.size()));
    ObjectNode request = NodeClient.request();
    request.set("input", misses ? moved(value, number) : value);
    return request;
  }

  /** Steps of 2^-20 stay distinct in single precision beside pixels, and change no prediction that is not on an edge. */
  private JsonNode moved(JsonNode value, long number) {
    if (!(value instanceof ArrayNode array) || array.isEmpty() || !array.get(0).isNumber()) {
      throw wrong("--misses needs an input of numbers");
    }
    ArrayNode moved = array.deepCopy();
    moved.set(0, array.get(0).doubleValue() + (number + 1) * 0x1p-20);
    return moved;
  }

  private static ObjectNode asJson(Measured measured) {
    ObjectNode json =
        NodeClient.request()
            .put("answers", measured.answers())
            .put("per_second", measured.rate())
            .put("defaults", measured.defaults())
            .put("refused", measured.refused());
    ObjectNode millis = json.putObject("millis");
    PERCENTILES.forEach(percentile -> millis.put("p" + text(percentile), measured.millis(percentile)));
    millis.put("max", measured.maxMillis());
    return json;
  }

  private static String text(double percentile) {
    return percentile == Math.rint(percentile) ? Long.toString((long) percentile) : Double.toString(percentile);
  }
}
