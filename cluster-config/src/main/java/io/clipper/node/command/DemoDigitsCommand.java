package io.clipper.node.command;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.demo.Digits;
import io.clipper.node.demo.DigitsDemo;
import io.clipper.node.demo.DigitsTable;
import io.clipper.node.demo.HttpDemoNode;
import io.clipper.node.demo.Script;
import io.clipper.node.demo.Verdict;
import io.clipper.node.demo.VerdictText;
import io.clipper.node.demo.Watcher;
import io.clipper.node.terminal.Terminal;
import java.io.PrintWriter;
import java.util.function.LongSupplier;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "digits",
    description = {
      "Streams 750 labelled digits to an application that learns (digits) and to one that does not (digits-uniform).",
      "After 300 digits three of the five models, the best among them, get a bad version; after 350 more they are rolled back.",
      "Takes about half a minute."
    },
    exitCodeList = {"0:every promise was kept", "1:one was not, or the node refused", "2:wrong usage", "3:no node answers"})
final class DemoDigitsCommand extends ClientVerb {
  private final LongSupplier nanoClock;

  @Option(names = "--no-feedback", description = "without labels: nothing is learned, and the promises fail")
  private boolean noFeedback;

  @Option(names = "--json", description = "only the verdict, as JSON")
  private boolean json;

  DemoDigitsCommand(Terminal terminal, LongSupplier nanoClock) {
    super(terminal);
    this.nanoClock = nanoClock;
  }

  @Override
  int run(NodeClient client) {
    Terminal shown = json ? new Terminal(new PrintWriter(PrintWriter.nullWriter()), terminal.err(), false) : terminal;
    Watcher table = new DigitsTable(shown, nanoClock);
    DigitsDemo demo = new DigitsDemo(new HttpDemoNode(client), Script.BUNDLED, !noFeedback, table, nanoClock);
    Thread interrupted = new Thread(demo::restore, "roll back what the demo broke");
    Runtime.getRuntime().addShutdownHook(interrupted);
    try {
      Verdict verdict = demo.run(Digits.heldOut());
      if (json) {
        json(asJson(verdict));
      } else {
        terminal.line("");
        VerdictText.of(verdict, Script.BUNDLED, !noFeedback).forEach(terminal::line);
        terminal.next(noFeedback ? "./clipper demo digits" : "./clipper demo digits --no-feedback");
      }
      return verdict.met() ? OK : ClipperCommand.REFUSED;
    } finally {
      demo.restore();
    }
  }

  private static ObjectNode asJson(Verdict verdict) {
    ObjectNode json =
        NodeClient.request()
            .put("accuracy_before", verdict.before())
            .put("digits_after", verdict.learnedAfter())
            .put("uniform_after", verdict.uniformAfter());
    ObjectNode bad = json.putObject("bad_weights");
    verdict.badWeights().forEach(bad::put);
    ObjectNode restored = json.putObject("restored_weights");
    verdict.restoredWeights().forEach(restored::put);
    ObjectNode bars = json.putObject("promises");
    verdict.bars().forEach(bar -> bars.put(bar.promise(), bar.met()));
    return json.put("met", verdict.met());
  }
}
