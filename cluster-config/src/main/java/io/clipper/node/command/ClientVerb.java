package io.clipper.node.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.terminal.Terminal;
import java.io.IOException;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** A verb that asks a running node, prints what it answered and ends with the command to try next. */
@Command(
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:done", "1:the node refused, and said why", "2:wrong usage", "3:no node answers"})
abstract class ClientVerb implements Callable<Integer> {
  static final int OK = 0;

  final Terminal terminal;

  @Mixin private NodeAt node = new NodeAt();

  /** Only the parser asks for it. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and stop")
  private boolean help;

  @Spec private CommandSpec spec = CommandSpec.create();

  ClientVerb(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public final Integer call() throws IOException {
    try (NodeClient client = node.client()) {
      return run(client);
    }
  }

  /** Answers the exit code. */
  abstract int run(NodeClient client) throws IOException;

  final ParameterException wrong(String message) {
    return new ParameterException(spec.commandLine(), message);
  }

  /** What a management verb answered, and what to try next. */
  final int said(JsonNode answer, String next) {
    terminal.line(answer.isTextual() ? answer.asText() : answer.toString());
    terminal.next(next);
    return OK;
  }

  final int json(JsonNode value) {
    terminal.line(value.toPrettyString());
    return OK;
  }
}
