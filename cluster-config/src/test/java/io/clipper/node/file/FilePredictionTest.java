package io.clipper.node.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.node.client.Answer;
import io.clipper.node.client.FakeNode;
import io.clipper.node.client.NodeClient;
import io.clipper.node.file.Rows.Row;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class FilePredictionTest {
  private long now;

  @Test
  void answersAreWrittenInTheRowsOrder() {
    List<Integer> written = new ArrayList<>();
    new FilePrediction(8, row -> CompletableFuture.completedFuture(answer(row)), () -> now)
        .run(rows(100), row -> written.add(row.row().line()));
    assertThat(written).isEqualTo(IntStream.rangeClosed(2, 101).boxed().toList());
  }

  @Test
  void noMoreRowsAreUnderWayThanAllowed() throws InterruptedException {
    BlockingQueue<CompletableFuture<Answer>> held = new LinkedBlockingQueue<>();
    AtomicInteger most = new AtomicInteger();
    AtomicInteger underWay = new AtomicInteger();
    Thread streaming =
        Thread.startVirtualThread(
            () ->
                new FilePrediction(
                        3,
                        row -> {
                          most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
                          CompletableFuture<Answer> answer = new CompletableFuture<>();
                          held.add(answer);
                          return answer;
                        },
                        () -> now)
                    .run(rows(20), row -> {}));
    for (int atOnce = 1; atOnce <= 3; atOnce++) {
      List<CompletableFuture<Answer>> round = taken(held, atOnce);
      assertThat(held).isEmpty();
      underWay.addAndGet(-atOnce);
      round.forEach(FilePredictionTest::answered);
    }
    for (int rest = 0; rest < 14; rest++) {
      CompletableFuture<Answer> oldest = held.take();
      underWay.decrementAndGet();
      answered(oldest);
    }
    streaming.join();
    assertThat(most.get()).isEqualTo(3);
  }

  @Test
  void aRefusedRowIsMarkedAndTheNextOnesGoOn() {
    try (FakeNode node = new FakeNode();
        NodeClient client = node.client()) {
      List<List<String>> cells = new ArrayList<>();
      new FilePrediction(
              1,
              row ->
                  row.line() == 3
                      ? client.predict("missing", NodeClient.request()).thenApply(Answer::of)
                      : CompletableFuture.completedFuture(answer(row)),
              () -> now)
          .run(rows(3), row -> cells.add(row.cells()));
      assertThat(cells.get(0)).containsExactly("2", "", "7", "false", "1.0", "", "2", "");
      assertThat(cells.get(1)).containsExactly("3", "", "", "", "", "", "", "no such path");
      assertThat(cells.get(2)).startsWith("4");
    }
  }

  @Test
  void aNodeThatIsGoneEndsTheStream() {
    FilePrediction prediction =
        new FilePrediction(4, row -> CompletableFuture.failedFuture(new IllegalStateException("gone")), () -> now);
    assertThatThrownBy(() -> prediction.run(rows(9), row -> {})).isInstanceOf(IllegalStateException.class).hasMessage("gone");
  }

  @Test
  void theLimitGrowsByOneARoundWhileTheNodeIsQuickAndShrinksByATenthWhenItIsNot() {
    InFlight limit = InFlight.upTo(32);
    for (int good = 0; good < 1 + 2 + 3 + 4; good++) {
      limit = limit.after(10_000_000, true);
    }
    assertThat(limit.limit()).isEqualTo(5);
    assertThat(limit.after(20_000_001, true).limit()).isEqualTo(4);
    assertThat(limit.after(10_000_000, false).limit()).isEqualTo(4);
  }

  @Test
  void theLimitStaysBetweenOneAndItsMost() {
    InFlight limit = InFlight.upTo(2);
    for (int good = 0; good < 50; good++) {
      limit = limit.after(1_000, true);
    }
    assertThat(limit.limit()).isEqualTo(2);
    for (int bad = 0; bad < 50; bad++) {
      limit = limit.after(1_000, false);
    }
    assertThat(limit.limit()).isEqualTo(1);
  }

  @Test
  void theLabelIsTakenOutOfTheRow() {
    Rows rows = new Rows(List.of("a,label,b", "1,x,2").iterator(), Optional.of("label"));
    assertThat(rows.next()).isEqualTo(new Row(2, List.of("1", "2"), Optional.of("x")));
  }

  @Test
  void aRowThatDoesNotFitIsNamedByItsLine() {
    Rows rows = new Rows(List.of("a,b", "1,2", "1").iterator(), Optional.empty());
    rows.next();
    assertThatThrownBy(rows::next).hasMessage("line 3 has 1 columns instead of 2");
    assertThatThrownBy(() -> new Rows(List.of("a,b").iterator(), Optional.of("c"))).hasMessage("no column 'c' among a, b");
  }

  @Test
  void quotedCellsMayHoldCommasAndQuotes() {
    List<String> cells = List.of("a,b", "say \"x\"", "plain", "");
    assertThat(Csv.cells(Csv.line(cells))).isEqualTo(cells);
    assertThatThrownBy(() -> Csv.cells("\"open")).hasMessage("a quote is not closed");
  }

  private static List<CompletableFuture<Answer>> taken(BlockingQueue<CompletableFuture<Answer>> held, int count)
      throws InterruptedException {
    List<CompletableFuture<Answer>> taken = new ArrayList<>();
    for (int next = 0; next < count; next++) {
      taken.add(held.take());
    }
    return taken;
  }

  private static void answered(CompletableFuture<Answer> row) {
    row.complete(answer(new Row(2, List.of(), Optional.empty())));
  }

  private static Rows rows(int count) {
    List<String> lines = new ArrayList<>(List.of("value"));
    IntStream.range(0, count).mapToObj(Integer::toString).forEach(lines::add);
    return new Rows(lines.iterator(), Optional.empty());
  }

  private static Answer answer(Row row) {
    return new Answer(row.line(), "7", false, Optional.empty(), OptionalDouble.of(1), OptionalDouble.empty(), List.of());
  }
}
