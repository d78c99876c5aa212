package io.clipper.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ClassProbabilities;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class LossTest {
  @Test
  void zeroOneComparesLabelsOfAnyDatatype() {
    assertThat(Loss.ZERO_ONE.of(Output.of(3.0), "3")).isZero();
    assertThat(Loss.ZERO_ONE.of(Output.of("cat"), "cat")).isZero();
    assertThat(Loss.ZERO_ONE.of(Output.of("cat"), "dog")).isOne();
    assertThatThrownBy(() -> Loss.ZERO_ONE.of(Output.of(Tensor.ofInts(1, 2)), "1"))
        .hasMessage("loss 'zero-one' needs a single element, output INT32[2] is not");
  }

  @Test
  void errorsOfNumbersAreAtMostOne() {
    assertThat(Loss.SQUARED.of(Output.of(1.5), "1")).isEqualTo(.25);
    assertThat(Loss.SQUARED.of(Output.of(5L), "1")).isOne();
    assertThat(Loss.ABSOLUTE.of(Output.of("1.25"), "1")).isEqualTo(.25);
    assertThat(Loss.ABSOLUTE.of(Output.of(Double.POSITIVE_INFINITY), "1")).isOne();
  }

  @Test
  void whatIsNoNumberIsRefusedByNameOfTheSideItIsOn() {
    assertThatThrownBy(() -> Loss.SQUARED.of(Output.of("cat"), "1"))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("loss 'squared' needs a number, output BYTES[] is not");
    assertThatThrownBy(() -> Loss.ABSOLUTE.of(Output.of(1.0), "cat")).hasMessage("loss 'absolute' needs a number, label 'cat' is not");
    assertThatThrownBy(() -> Loss.ABSOLUTE.check("NaN")).hasMessage("loss 'absolute' needs a finite number, label 'NaN' is not");
    assertThatThrownBy(() -> Loss.SQUARED.of(Output.of(Double.NaN), "1")).hasMessageContaining("output");
  }

  @Test
  void logGrowsWithSurpriseUpToOne() {
    Output output =
        new Output(Output.of("a").tensors(), Optional.of(new ClassProbabilities(List.of("a", "b", "c"), new double[] {.999, .001, 0})));
    assertThat(Loss.LOG.of(output, "b")).isEqualTo(.5, within(1e-12));
    assertThat(Loss.LOG.of(output, "a")).isBetween(0.0, 1e-4);
    assertThat(Loss.LOG.of(output, "c")).isOne();
    assertThat(Loss.LOG.of(output, "unknown")).isOne();
    assertThatThrownBy(() -> Loss.LOG.of(Output.of("a"), "a"))
        .hasMessage("loss 'log' needs a class with probabilities, output BYTES[] is not");
  }

  @Test
  void pinballCostsMoreOnTheSideThatIsRarer() {
    Loss loss = Loss.named("pinball-0.9");

    assertThat(loss.of(Output.of(1.0), "1.5")).isEqualTo(.45, within(1e-12));
    assertThat(loss.of(Output.of(1.5), "1")).isEqualTo(.05, within(1e-12));
    assertThat(loss.of(Output.of(1.0), "9")).isOne();
    assertThat(loss.of(Output.of(1.0), "1")).isZero();
    assertThat(loss.settingName()).isEqualTo("pinball-0.9");
    assertThat(loss.isOfNumbers()).isTrue();
    for (String wrong : List.of("pinball", "pinball-", "pinball-1", "pinball-0", "pinball-NaN", "pinball-x")) {
      assertThatThrownBy(() -> Loss.named(wrong)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("pinball-Q");
    }
  }

  /** The best constant answer is the quantile itself. */
  @Test
  void pinballIsLeastAtItsQuantile() {
    double[] totals = new double[101];
    for (int answer = 0; answer <= 100; answer++) {
      for (int truth = 0; truth < 100; truth++) {
        totals[answer] += Loss.pinball(.8).of(Output.of(answer / 100.0), Double.toString(truth / 100.0 + .005));
      }
    }
    int best = 0;
    for (int answer = 0; answer <= 100; answer++) {
      best = totals[answer] < totals[best] - 1e-9 ? answer : best;
    }
    assertThat(best).isEqualTo(80);
  }

  @Test
  void aLossGoesByItsName() {
    assertThat(Loss.named("zero-one")).isEqualTo(Loss.ZERO_ONE);
    assertThat(Loss.named("log")).isEqualTo(Loss.LOG);
    assertThatThrownBy(() -> Loss.named("hinge")).hasMessage("loss 'hinge' is not one of zero-one, squared, absolute, log, pinball-Q with Q between 0 and 1");
  }
}
