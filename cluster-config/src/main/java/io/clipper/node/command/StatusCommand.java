package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.Answer;
import io.clipper.node.client.NodeClient;
import io.clipper.node.client.NodeRefused;
import io.clipper.node.terminal.Table;
import io.clipper.node.terminal.Terminal;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.LongSummaryStatistics;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(name = "status", description = "What the node serves, what runs, and what was learned.")
final class StatusCommand extends ClientVerb {
  private static final String UNREAD = "error";

  @Option(names = "--json", description = "as JSON")
  private boolean json;

  StatusCommand(Terminal terminal) {
    super(terminal);
  }

  @Override
  int run(NodeClient client) {
    JsonNode applications = client.admin("get_all_applications", NodeClient.request().put("verbose", true));
    ObjectNode learned = NodeClient.request();
    for (JsonNode application : applications) {
      String name = application.path("name").asText();
      learned.set(name, known(client, "get_state", NodeClient.request().put("app_name", name)));
    }
    ObjectNode status = NodeClient.request();
    status.set("cluster", client.admin("get_cluster", NodeClient.request()));
    status.set("applications", applications);
    status.set("models", client.admin("get_all_models", NodeClient.request().put("verbose", true)));
    status.set("replicas", client.admin("get_replicas", NodeClient.request()));
    status.set("learned", learned);
    status.set("changes", known(client, "get_changes", NodeClient.request()));
    if (json) {
      return json(status);
    }
    print(status);
    terminal.next(applications.isEmpty() ? "./clipper deploy NAME FILE.onnx --app NAME" : "./clipper demo digits");
    return OK;
  }

  /** Or why it cannot be read just now, as while a ledger is, or the database does not answer: the rest of the status is wanted most then. */
  private static JsonNode known(NodeClient client, String verb, ObjectNode request) {
    try {
      return client.admin(verb, request);
    } catch (NodeRefused unavailable) {
      return NodeClient.request().put(UNREAD, unavailable.getMessage());
    }
  }

  private void print(JsonNode status) {
    cluster(status.path("cluster")).forEach(terminal::line);
    section(AppListCommand.table(status.path("applications")), "no applications");
    section(models(status.path("models")), "no models");
    Canaries.lines(status.path("models"), status.path("learned")).forEach(terminal::line);
    section(replicas(status.path("replicas")), "no replicas");
    status.path("learned").properties().forEach(entry -> learned(entry.getKey(), entry.getValue()));
    JsonNode changes = status.path("changes");
    if (changes.has(UNREAD)) {
      terminal.line("");
      terminal.line("changes: " + changes.path(UNREAD).asText());
    } else {
      section(changes(changes), "no changes");
    }
  }

  private void section(Table table, String instead) {
    terminal.line("");
    if (table.isEmpty()) {
      terminal.line(instead);
    } else {
      table.lines().forEach(terminal::line);
    }
  }

  /** Whatever the node says of its cluster: plain values as they are, a list of members one a line. */
  private static List<String> cluster(JsonNode cluster) {
    List<String> lines = new ArrayList<>();
    for (var entry : cluster.properties()) {
      if (entry.getValue().isArray()) {
        entry.getValue().forEach(member -> lines.add("%s: %s".formatted(entry.getKey(), words(member))));
      } else {
        lines.add("%s: %s".formatted(entry.getKey(), Answer.text(entry.getValue())));
      }
    }
    return lines;
  }

  private static String words(JsonNode value) {
    if (!value.isObject()) {
      return Answer.text(value);
    }
    List<String> words = new ArrayList<>();
    value.properties().forEach(entry -> words.add(entry.getKey() + " " + Answer.text(entry.getValue())));
    return String.join(", ", words);
  }

  private static Table models(JsonNode models) {
    Table table = new Table("model", "version", "in use", "copies", "input");
    for (JsonNode model : models) {
      table.row(
          model.path("model_name").asText(),
          model.path("model_version").asText(),
          inUse(model),
          model.path("replicas").asText(),
          model.path("input_type").asText());
    }
    return table;
  }

  private static String inUse(JsonNode model) {
    JsonNode percent = model.path("canary_percent");
    return percent.isNumber() ? "%d %%".formatted(percent.asInt()) : model.path("is_current_version").asBoolean() ? "yes" : "";
  }

  private static Table replicas(JsonNode replicas) {
    Table table = new Table("replica", "node", "state", "restarts", "queue", "batch limit", "note");
    for (JsonNode replica : replicas) {
      table.row(
          "%s:%s:%s"
              .formatted(
                  replica.path("model_name").asText(), replica.path("model_version").asText(), replica.path("replica").asText()),
          replica.path("node").asText(),
          replica.path("state").asText(),
          replica.path("restarts").asText(),
          replica.path("queue").asText(),
          replica.path("batch_limit").asText(),
          note(replica));
    }
    return table;
  }

  /** What went wrong last, with the copy and with its batches; else what is to be known of it. */
  private static String note(JsonNode replica) {
    String wrong =
        Stream.of("last_error", "last_failure").map(replica::path).filter(JsonNode::isTextual).map(JsonNode::asText).collect(Collectors.joining("; "));
    return wrong.isEmpty() ? replica.path("remark").asText("") : wrong;
  }

  private static Table changes(JsonNode changes) {
    Table table = new Table("changed at", "change");
    for (JsonNode change : changes) {
      table.row(change.path("at").asText(), change.path("change").asText());
    }
    return table;
  }

  private void learned(String application, JsonNode state) {
    terminal.line("");
    if (state.has(UNREAD)) {
      terminal.line("%s: %s".formatted(application, state.path(UNREAD).asText()));
      return;
    }
    terminal.line(
        "%s learns by %s, from %d observations"
            .formatted(application, state.path("policy").asText(), state.path("observations").asLong()));
    Table table = new Table("candidate", "weight", "observations", "mean loss");
    for (JsonNode candidate : state.path("candidates")) {
      JsonNode loss = candidate.path("mean_loss");
      table.row(
          candidate.path("model").asText() + ":" + candidate.path("version").asText(),
          String.format(Locale.ROOT, "%.4f", candidate.path("weight").asDouble()),
          candidate.path("observations").asText(),
          loss.isNumber() ? String.format(Locale.ROOT, "%.4f", loss.asDouble()) : "-");
    }
    table.lines().forEach(terminal::line);
    Table partitions = partitions(state.path("partitions"));
    if (!partitions.isEmpty()) {
      partitions.lines().forEach(terminal::line);
    }
  }

  /** Of each node how many of the application's partitions told from there last, and what those have observed. */
  private static Table partitions(JsonNode partitions) {
    SortedMap<String, LongSummaryStatistics> ofNodes = new TreeMap<>();
    for (JsonNode partition : partitions) {
      ofNodes
          .computeIfAbsent(partition.path("node").asText(), node -> new LongSummaryStatistics())
          .accept(partition.path("observations").asLong());
    }
    Table table = new Table("node", "partitions", "observations");
    ofNodes.forEach((node, observed) -> table.row(node, Long.toString(observed.getCount()), Long.toString(observed.getSum())));
    return table;
  }
}
