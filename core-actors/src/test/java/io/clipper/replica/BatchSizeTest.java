package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.catalog.ModelVersion;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.RuntimeSpec;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class BatchSizeTest {
  private static final Duration OBJECTIVE = Duration.ofMillis(10);
  private static final Duration SLOW = Duration.ofMillis(11);

  @Test
  void growsByOneWhenAFullBatchMeetsTheObjective() {
    assertThat(aimd(10).after(10, OBJECTIVE).value()).isEqualTo(11);
  }

  @Test
  void aBatchThatWasNotFullProvesNothing() {
    assertThat(aimd(10).after(9, Duration.ofMillis(1)).value()).isEqualTo(10);
  }

  @Test
  void shrinksByATenthWhenABatchMissesTheObjective() {
    assertThat(aimd(100).after(3, SLOW).value()).isEqualTo(90);
    assertThat(aimd(10).after(10, SLOW).value()).isEqualTo(9);
  }

  @Test
  void staysWithinOneAndItsMaximum() {
    assertThat(aimd(1).after(1, SLOW).value()).isEqualTo(1);
    assertThat(aimd(128).after(128, OBJECTIVE).value()).isEqualTo(128);
    assertThatThrownBy(() -> aimd(0)).hasMessage("batch size 0 is outside 1..128");
  }

  @Test
  void settlesWhereABatchTakesTheObjective() {
    BatchSize size = new AimdBatchSize(1, 1024, OBJECTIVE);
    for (int i = 0; i < 500; i++) {
      size = size.after(size.value(), micros(1000 + 100L * size.value()));
    }

    assertThat(size.value()).isBetween(80, 91);
  }

  @Test
  void anotherObjectiveKeepsTheSize() {
    assertThat(aimd(10).aimingAt(Duration.ofMillis(20)).after(10, SLOW).value()).isEqualTo(11);
  }

  @Test
  void aFixedSizeStays() {
    BatchSize size = BatchSize.of(version(64), 1024, OBJECTIVE);

    assertThat(size.after(64, SLOW).after(64, Duration.ZERO).aimingAt(SLOW).value()).isEqualTo(64);
  }

  @Test
  void anAdaptiveSizeStartsWithSingleRows() {
    assertThat(BatchSize.of(version(ModelVersion.ADAPTIVE), 1024, OBJECTIVE)).isEqualTo(new AimdBatchSize(1, 1024, OBJECTIVE));
  }

  @Test
  void theFitFindsTheLineThatLatenciesLieOn() {
    LatencyFit fit = LatencyFit.UNKNOWN;
    for (int i = 0; i < 200; i++) {
      int rows = 1 + i % 7;
      fit = fit.after(rows, micros(5000 + 500L * rows));
    }

    assertThat(fit.expected(1)).isBetween(micros(5499), micros(5501));
    assertThat(fit.expected(40)).isBetween(micros(24_990), micros(25_010));
  }

  @Test
  void theFitIsInProportionWhileAllBatchesHaveOneSize() {
    LatencyFit fit = LatencyFit.UNKNOWN.after(10, Duration.ofMillis(20)).after(10, Duration.ofMillis(20));

    assertThat(fit.expected(1)).isEqualTo(Duration.ofMillis(2));
    assertThat(LatencyFit.UNKNOWN.expected(1)).isEqualTo(Duration.ZERO);
  }

  private static AimdBatchSize aimd(int value) {
    return new AimdBatchSize(value, 128, OBJECTIVE);
  }

  private static Duration micros(long micros) {
    return Duration.ofNanos(micros * 1000);
  }

  private static ModelVersion version(int batchSize) {
    return new ModelVersion(
        new ModelId("m", "1"), Signature.named("doubles"), new RuntimeSpec.Onnx(), Optional.empty(), List.of(), "", "", batchSize, true);
  }
}
