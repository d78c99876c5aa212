package io.clipper.node.file;

import io.clipper.node.client.Answer;
import io.clipper.node.client.NodeClient;
import io.clipper.node.client.NodeRefused;
import io.clipper.node.file.Rows.Row;
import java.util.ArrayDeque;
import java.util.Iterator;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.LongSupplier;

/** Asks for one row after another, as many at once as the node bears, and writes the answers in the rows' order. */
public final class FilePrediction {
  /** The columns that {@link Written#cells} fills. */
  public static final List<String> HEADING = List.of("line", "label", "output", "default", "agreement", "confidence", "query_id", "error");

  private final Function<Row, CompletableFuture<Answer>> ask;
  private final LongSupplier nanoClock;
  /** Guarded by this: answers arrive on the client's threads. */
  private InFlight limit;

  /** What came of one row: an answer, or the reason why there is none. */
  public sealed interface Outcome {}

  public record Answered(Answer answer) implements Outcome {}

  public record Failed(String reason) implements Outcome {}

  /** A row with its outcome. */
  public record Written(Row row, Outcome outcome) {
    public List<String> cells() {
      String line = Integer.toString(row.line());
      String label = row.label().orElse("");
      return switch (outcome) {
        case Answered answered -> answerCells(line, label, answered.answer());
        case Failed failed -> List.of(line, label, "", "", "", "", "", failed.reason());
      };
    }
  }

  private static List<String> answerCells(String line, String label, Answer answer) {
    return List.of(
        line,
        label,
        answer.output(),
        Boolean.toString(answer.isDefault()),
        text(answer.agreement()),
        text(answer.confidence()),
        Long.toString(answer.queryId()),
        "");
  }

  private static String text(OptionalDouble share) {
    return share.isPresent() ? Double.toString(share.getAsDouble()) : "";
  }

  private record UnderWay(Row row, CompletableFuture<Outcome> outcome) {}

  public FilePrediction(int mostAtOnce, Function<Row, CompletableFuture<Answer>> ask, LongSupplier nanoClock) {
    this.ask = ask;
    this.nanoClock = nanoClock;
    this.limit = InFlight.upTo(mostAtOnce);
  }

  /** Ends when the last row is written, or with the first failure that is not one row's own. */
  public void run(Iterator<Row> rows, Consumer<Written> writer) {
    Queue<UnderWay> underWay = new ArrayDeque<>();
    while (rows.hasNext()) {
      while (!underWay.isEmpty() && underWay.size() >= room()) {
        write(underWay.remove(), writer);
      }
      Row row = rows.next();
      underWay.add(new UnderWay(row, asked(row)));
    }
    underWay.forEach(last -> write(last, writer));
  }

  private static void write(UnderWay done, Consumer<Written> writer) {
    writer.accept(new Written(done.row(), NodeClient.await(done.outcome())));
  }

  private CompletableFuture<Outcome> asked(Row row) {
    long start = nanoClock.getAsLong();
    return ask.apply(row)
        .handle(
            (answer, failure) -> {
              long nanos = nanoClock.getAsLong() - start;
              boolean served = failure == null && !answer.isDefault();
              learn(nanos, served);
              return failure == null ? new Answered(answer) : failed(failure);
            });
  }

  private synchronized int room() {
    return limit.limit();
  }

  private synchronized void learn(long nanos, boolean served) {
    limit = limit.after(nanos, served);
  }

  private static Outcome failed(Throwable failure) {
    Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
    if (cause instanceof NodeRefused refused) {
      return new Failed(String.valueOf(refused.getMessage()));
    }
    throw cause instanceof RuntimeException known ? known : new CompletionException(cause);
  }
}
