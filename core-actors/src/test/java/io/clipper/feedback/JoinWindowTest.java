package io.clipper.feedback;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JoinWindowTest {
  private static final int PARTITIONS = 1024;
  private static final int EMPTY_WEIGHT = query(0).weight();

  @Test
  void theLatestAreKeptAndTheOldestGo() {
    JoinWindow window = new JoinWindow(3L * EMPTY_WEIGHT, PARTITIONS);
    for (int number = 0; number < 10_000; number++) {
      window.add(query(number));
    }

    assertThat(window.find(id(9_999))).contains(query(9_999));
    assertThat(window.find(id(9_997))).contains(query(9_997));
    assertThat(window.find(id(9_996))).isEmpty();
  }

  @Test
  void oneThatIsSettledAfterTheNextIsKeptToo() {
    JoinWindow window = new JoinWindow(1 << 20, PARTITIONS);
    window.add(query(1));
    window.add(query(0));

    assertThat(window.find(id(0))).contains(query(0));
  }

  @Test
  void aJumpInTheNumbersStartsAnew() {
    JoinWindow window = new JoinWindow(1 << 20, PARTITIONS);
    window.add(query(5));
    window.add(query(1L << 30));

    assertThat(window.find(id(1L << 30))).isPresent();
    assertThat(window.find(id(5))).isEmpty();

    window.add(query(6));

    assertThat(window.find(id(6))).isPresent();
  }

  @Test
  void probabilitiesThatNobodyHasCountedAreCountedForWhoeverFindsTheQuery() {
    JoinWindow window = new JoinWindow(1 << 20, PARTITIONS);
    LoggedQuery uncounted = Uncounted.query(id(3));
    window.add(uncounted);

    assertThat(window.find(id(3))).contains(uncounted.known());
    assertThat(uncounted.known().estimate()).isEmpty();
    assertThat(uncounted.known().played().orElseThrow().probability()).isBetween(0.3, 0.7);
    assertThat(uncounted.known().asked().getFirst().probability()).isBetween(0.3, 0.7);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4, 5})
  void whateverTheOrderWhatIsFoundIsWhatWasAsked(int seed) {
    Random random = new Random(seed);
    JoinWindow window = new JoinWindow(500L * EMPTY_WEIGHT, PARTITIONS);
    for (int i = 0; i < 20_000; i++) {
      window.add(query(Math.max(0, i - random.nextInt(400))));
      long number = Math.max(0, i - random.nextInt(600));
      assertThat(window.find(id(number)).map(LoggedQuery::queryId).orElse(id(number))).isEqualTo(id(number));
    }
  }

  private static long id(long number) {
    return number * PARTITIONS + 7;
  }

  private static LoggedQuery query(long number) {
    return new LoggedQuery("digits", id(number), Optional.empty(), List.of(), Optional.empty(), List.of(), List.of());
  }
}
