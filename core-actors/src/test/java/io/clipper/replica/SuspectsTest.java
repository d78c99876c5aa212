package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.Input;
import io.clipper.model.Tensor;
import org.junit.jupiter.api.Test;

class SuspectsTest {
  private static final Input INPUT = Input.doubles(1);
  private static final Input OTHER = Input.doubles(2);

  private final Suspects suspects = new Suspects();

  @Test
  void afterTheFirstLossItGoesAloneAndAfterTheSecondNotAtAll() {
    assertThat(suspects.isSuspect(INPUT, 0)).isFalse();

    suspects.lost(INPUT, 0);
    assertThat(suspects.isSuspect(INPUT, 0)).isTrue();
    assertThat(suspects.isConvicted(INPUT, 0)).isFalse();

    suspects.lost(INPUT, 1);
    assertThat(suspects.isConvicted(INPUT, 1)).isTrue();
    assertThat(suspects.isSuspect(OTHER, 1)).isFalse();
  }

  @Test
  void anAnswerClearsIt() {
    suspects.lost(INPUT, 0);
    suspects.cleared(INPUT);
    suspects.lost(INPUT, 1);

    assertThat(suspects.isConvicted(INPUT, 1)).isFalse();
  }

  @Test
  void timeClearsIt() {
    suspects.lost(INPUT, 0);
    suspects.lost(INPUT, 0);
    long later = Suspects.MEMORY.toNanos() + 1;

    assertThat(suspects.isSuspect(INPUT, later)).isFalse();
    suspects.lost(INPUT, later);
    assertThat(suspects.isConvicted(INPUT, later)).isFalse();
  }

  @Test
  void whatACopyDidNotReturnItWasLostOver() {
    suspects.unreturned("one", INPUT);
    assertThat(suspects.isSuspect(INPUT, 0)).isFalse();

    suspects.lostCopy("other", 0);
    assertThat(suspects.isSuspect(INPUT, 0)).isFalse();
    suspects.lostCopy("one", 0);
    assertThat(suspects.isSuspect(INPUT, 0)).isTrue();

    suspects.unreturned("other", INPUT);
    suspects.lostCopy("other", 1);
    assertThat(suspects.isConvicted(INPUT, 1)).isTrue();
  }

  @Test
  void aCopyThatAnsweredSinceWasNotLostOverIt() {
    suspects.unreturned("one", INPUT);
    suspects.spared("one");
    suspects.lostCopy("one", 0);

    assertThat(suspects.isSuspect(INPUT, 0)).isFalse();
  }

  @Test
  void ofWhatACopyDidNotReturnNoMoreIsRememberedThanFits() {
    Input large = Input.of(Tensor.ofUnsignedBytes(new byte[40 << 20]));
    suspects.unreturned("one", large);
    suspects.unreturned("one", Input.of(Tensor.ofUnsignedBytes(new byte[(40 << 20) + 1])));
    suspects.lostCopy("one", 0);

    assertThat(suspects.isSuspect(large, 0)).isTrue();
  }

  @Test
  void noMoreAreRememberedThanFit() {
    for (int i = 0; i < 10_000; i++) {
      suspects.lost(Input.doubles(i), 0);
    }
    assertThat(suspects.isSuspect(Input.doubles(9_999), 0)).isTrue();
    assertThat(suspects.isSuspect(Input.doubles(10), 0)).isFalse();

    byte[] large = new byte[40 << 20];
    suspects.lost(Input.of(Tensor.ofUnsignedBytes(large)), 0);
    suspects.lost(Input.of(Tensor.ofUnsignedBytes(new byte[(40 << 20) + 1])), 0);
    assertThat(suspects.isSuspect(Input.of(Tensor.ofUnsignedBytes(large)), 0)).isFalse();
  }
}
