package io.clipper.context;

import static io.clipper.context.Lessons.lesson;
import static io.clipper.context.Lessons.row;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContextMemoryTest {
  private static final long AGE = Duration.ofSeconds(1).toNanos();

  private final ContextMemory memory = new ContextMemory(10_000, Duration.ofSeconds(1));

  @Test
  void aContextIsReadOnceHoweverManyAskForIt() {
    assertThat(memory.startsReading("anna")).isTrue();
    assertThat(memory.startsReading("anna")).isFalse();

    memory.read("anna", Optional.of(row("anna", 1)), 100, 0);

    assertThat(memory.isHere("anna")).isTrue();
    assertThat(memory.startsReading("anna")).isFalse();
    assertThat(memory.find("anna")).contains(row("anna", 1));
  }

  @Test
  void oneWithoutARowIsNotLookedForAgain() {
    memory.read("anna", Optional.empty(), 0, 0);

    assertThat(memory.isHere("anna")).isTrue();
    assertThat(memory.find("anna")).isEmpty();
  }

  @Test
  void aLessonForAContextThatIsNotHereWaitsForItsRow() {
    memory.learn("anna", 7, lesson(7), 0);
    assertThat(memory.isHere("anna")).isFalse();
    assertThat(memory.unreadContexts()).containsExactly("anna");
    assertThat(memory.written()).isEqualTo(6);

    memory.read("anna", Optional.of(row("anna", 3)), 100, 0);

    assertThat(memory.find("anna")).contains(row("anna", 3, 7));
  }

  @Test
  void aLessonThatIsInTheRowChangesNothing() {
    memory.learn("anna", 3, lesson(3), 0);
    memory.learn("anna", 7, lesson(7), 0);
    memory.read("anna", Optional.of(row("anna", 3)), 100, 0);
    memory.learn("anna", 3, lesson(3), 0);

    assertThat(memory.find("anna")).contains(row("anna", 3, 7));
    assertThat(memory.written()).isEqualTo(6);
  }

  @Test
  void whatIsNewerThanItsRowIsWrittenWhenItIsOldEnough() {
    memory.read("anna", Optional.empty(), 0, 0);
    memory.learn("anna", 1, lesson(1), 0);
    assertThat(memory.nextBatch(AGE - 1)).isEmpty();

    assertThat(memory.nextBatch(AGE)).containsExactly(row("anna", 1));
    assertThat(memory.nextBatch(AGE)).isEmpty();
    assertThat(memory.written()).isZero();

    memory.written(List.of(new WrittenRow("anna", 1, 100)), AGE);
    assertThat(memory.written()).isEqualTo(1);
    assertThat(memory.hasNews()).isFalse();
  }

  @Test
  void itIsWrittenSoonerWhereThereAreMany() {
    for (int i = 1; i <= ContextMemory.BATCH + 1; i++) {
      memory.read("c" + i, Optional.empty(), 0, 0);
      memory.learn("c" + i, i, lesson(i), 0);
    }

    assertThat(memory.nextBatch(0)).hasSize(ContextMemory.BATCH).first().isEqualTo(row("c1", 1));
  }

  @Test
  void aRowThatChangedWhileItWasWrittenIsWrittenAgain() {
    memory.read("anna", Optional.empty(), 0, 0);
    memory.learn("anna", 1, lesson(1), 0);
    List<ContextRow> batch = memory.nextBatch(AGE);
    memory.learn("anna", 2, lesson(2), AGE);

    memory.written(List.of(new WrittenRow("anna", 1, 100)), AGE);

    assertThat(batch).containsExactly(row("anna", 1));
    assertThat(memory.written()).isEqualTo(1);
    assertThat(memory.nextBatch(2 * AGE)).containsExactly(row("anna", 1, 2));
  }

  @Test
  void aBatchThatFailedIsWrittenAgain() {
    memory.read("anna", Optional.empty(), 0, 0);
    memory.learn("anna", 1, lesson(1), 0);
    memory.nextBatch(AGE);

    memory.notWritten();

    assertThat(memory.nextBatch(AGE)).containsExactly(row("anna", 1));
  }

  @Test
  void theLeastRecentlyUsedGoesAndWhatIsNewerThanItsRowStays() {
    memory.read("first", Optional.empty(), 0, 0);
    memory.learn("first", 1, lesson(1), 0);
    for (int i = 0; i < 100; i++) {
      memory.read("c" + i, Optional.of(row("c" + i, 1)), 400, 0);
      memory.find("c0");
    }

    assertThat(memory.bytes()).isLessThanOrEqualTo(10_000);
    assertThat(memory.isHere("first")).isTrue();
    assertThat(memory.isHere("c0")).isTrue();
    assertThat(memory.isHere("c1")).isFalse();
    assertThat(memory.isHere("c99")).isTrue();
  }

  @Test
  void whatWasKeptElsewhereIsInNoRowUntilItIsWritten() {
    memory.adopt(new ContextRow("anna", 0, row("anna", 1).learned()), 0);
    assertThat(memory.written()).isNegative();

    memory.written(List.of(new WrittenRow("anna", 0, 100)), 0);

    assertThat(memory.written()).isZero();
  }
}
