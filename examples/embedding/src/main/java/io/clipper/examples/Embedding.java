package io.clipper.examples;

import io.clipper.application.Applications;
import io.clipper.application.Feedback;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.application.ServingNode;
import io.clipper.model.Input;
import io.clipper.model.Tensor;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.stream.javadsl.Sink;
import org.apache.pekko.stream.javadsl.Source;

/**
 * A Pekko program that has predictions in its own JVM: as a {@code CompletionStage}, as a message, and as a stream.
 *
 * <p>Arguments: an ONNX file of 64 pixels, a CSV file of {@code label,p0..p63}, and a folder to keep state in.
 */
public final class Embedding {
  private Embedding() {}

  public static void main(String[] arguments) throws Exception {
    run(Path.of(arguments[0]), Path.of(arguments[1]), Path.of(arguments[2]), Duration.ofSeconds(2), System.out);
  }

  /** @param objective what an answer may take before it is the default */
  static void run(Path onnx, Path csv, Path data, Duration objective, PrintStream out) throws Exception {
    ActorSystem<Void> system = ActorSystem.create(Behaviors.empty(), "shop", ServingNode.config(data));
    ServingNode node = started(system);
    try {
      node.deploy("digits", onnx, objective, "-1").toCompletableFuture().join();
      Applications applications = node.applications();
      List<Row> rows = rows(csv);

      Prediction prediction = applications.predict(Query.of("digits", rows.getFirst().input())).toCompletableFuture().join();
      out.printf("stage: %s, truly %s%n", answer(prediction), rows.getFirst().label());

      applications.observe(label(prediction, rows.getFirst().label())).toCompletableFuture().join();
      out.printf("learned from %d label%n", applications.state("digits", Optional.empty()).toCompletableFuture().join().observations());

      CompletableFuture<Void> printed = new CompletableFuture<>();
      ActorRef<StatusReply<Prediction>> printer = system.systemActorOf(printer(out, printed), "printer", Props.empty());
      applications.predict(Query.of("digits", rows.get(1).input()), printer);
      printed.join();

      out.printf("stream: %d of %d right%n", right(applications, rows, system).toCompletableFuture().join(), rows.size());
    } finally {
      system.terminate();
      node.stopped().toCompletableFuture().join();
    }
  }

  /** What cannot start leaves no system behind, which would keep the program running. */
  private static ServingNode started(ActorSystem<?> system) {
    try {
      return ServingNode.start(system);
    } catch (RuntimeException refused) {
      system.terminate();
      throw refused;
    }
  }

  /** Back-pressure keeps eight queries under way, however long the list is. */
  private static CompletionStage<Integer> right(Applications applications, List<Row> rows, ActorSystem<?> system) {
    return Source.from(rows)
        .map(Row::input)
        .via(applications.flow("digits", 8))
        .zip(Source.from(rows))
        .runWith(Sink.fold(0, (sum, pair) -> sum + (answer(pair.first()).equals(pair.second().label()) ? 1 : 0)), system);
  }

  private static Behavior<StatusReply<Prediction>> printer(PrintStream out, CompletableFuture<Void> printed) {
    return Behaviors.receiveMessage(
        reply -> {
          out.println("message: " + (reply.isSuccess() ? answer(reply.getValue()) : reply.getError().getMessage()));
          printed.complete(null);
          return Behaviors.stopped();
        });
  }

  private static Feedback label(Prediction prediction, String label) {
    return new Feedback(
        "digits", new Feedback.OfQuery(prediction.queryId()), new Feedback.Label(label), Optional.empty(), Optional.empty());
  }

  private static String answer(Prediction prediction) {
    return prediction.output().label().orElse("nothing");
  }

  private record Row(String label, Input input) {}

  private static List<Row> rows(Path csv) throws IOException {
    return Files.readAllLines(csv).stream().skip(1).map(Embedding::row).toList();
  }

  private static Row row(String line) {
    List<String> cells = List.of(line.split(",", -1));
    float[] pixels = new float[cells.size() - 1];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = Float.parseFloat(cells.get(i + 1));
    }
    return new Row(cells.getFirst(), Input.of(Tensor.ofFloats(pixels)));
  }
}
