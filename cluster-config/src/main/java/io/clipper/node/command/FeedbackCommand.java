package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.util.Optional;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

@Command(name = "feedback", description = "Says how good an answer was; done once that is durable.")
final class FeedbackCommand extends ClientVerb {
  @Parameters(paramLabel = "APP", description = "the application")
  private String application = "";

  @Option(names = "--query-id", required = true, paramLabel = "N", description = "the answer's query_id")
  private long queryId;

  @Option(names = "--label", paramLabel = "VALUE", description = "the true answer; judges every model that was asked")
  private Optional<String> label = Optional.empty();

  @Option(names = "--reward", paramLabel = "SHARE", description = "0..1; judges the model that was played")
  private Optional<Double> reward = Optional.empty();

  @Option(names = "--loss", paramLabel = "SHARE", description = "0..1; judges the model that was played")
  private Optional<Double> loss = Optional.empty();

  @Option(names = "--feedback-id", paramLabel = "ID", description = "your own name for it: sent twice, it counts once")
  private Optional<String> feedbackId = Optional.empty();

  @Option(names = "--json", description = "as JSON")
  private boolean json;

  FeedbackCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    if (Stream.of(label, reward, loss).filter(Optional::isPresent).count() != 1) {
      throw wrong("give one of --label, --reward and --loss");
    }
    ObjectNode request = NodeClient.request().put("query_id", queryId);
    label.ifPresent(value -> request.set("label", Values.of(value)));
    reward.ifPresent(value -> request.put("reward", value));
    loss.ifPresent(value -> request.put("loss", value));
    feedbackId.ifPresent(id -> request.put("feedback_id", id));
    JsonNode receipt = NodeClient.await(client.update(application, request));
    if (json) {
      return json(receipt);
    }
    terminal.line(
        receipt.path("observed").asBoolean()
            ? "observed: it judged %d models".formatted(receipt.path("models").asInt())
            : "not observed: that query is unknown, or was judged before");
    terminal.next("./clipper status");
    return OK;
  }
}
