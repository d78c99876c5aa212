package io.clipper.model.runtime.batch;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class ElementsTest {
  @ParameterizedTest
  @EnumSource(value = Datatype.class, names = "BYTES", mode = EnumSource.Mode.EXCLUDE)
  void smallWholeNumbersGoToEveryTypeAndBack(Datatype datatype) {
    Tensor there = converted(Tensor.ofDoubles(0, 1), datatype);

    assertThat(converted(there, Datatype.FP64)).isEqualTo(Tensor.ofDoubles(0, 1));
    assertThat(converted(there, Datatype.INT64)).isEqualTo(Tensor.ofLongs(0, 1));
  }

  @ParameterizedTest
  @CsvSource({
    "2.5, INT64", "NaN, INT32", "Infinity, INT64", "9.223372036854775808E18, INT64", "-1, UINT64", "1.8446744073709551616E19, UINT64",
    "256, UINT8", "-129, INT8", "65536, UINT16", "32768, INT16", "4294967296, UINT32", "2147483648, INT32", "2, BOOL",
  })
  void aWholeNumberHoldsItsValueOrRefusesIt(double value, Datatype datatype) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> converted(Tensor.ofDoubles(0, value), datatype))
        .withMessage("input 'x' has %s at element 1, which %s cannot hold", value, datatype);
  }

  @Test
  void unsignedLongsKeepTheirBits() {
    assertThat(converted(Tensor.ofDoubles(0x1p63 + 2048), Datatype.UINT64).longAt(0)).isEqualTo(Long.MIN_VALUE + 2048);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> converted(converted(Tensor.ofDoubles(0x1p63), Datatype.UINT64), Datatype.INT64));
  }

  @Test
  void brainFloatsRoundToTheNearestAndTiesToEven() {
    for (int seed = 0; seed < 1000; seed++) {
      float value = Float.intBitsToFloat(new Random(seed).nextInt());
      if (Float.isFinite(value) && Math.abs(value) < 1e38) {
        double rounded = converted(Tensor.ofFloats(value), Datatype.BF16).doubleAt(0);
        float below = Float.intBitsToFloat(Float.floatToRawIntBits(value) & 0xFFFF0000);
        float above = Float.intBitsToFloat((Float.floatToRawIntBits(value) & 0xFFFF0000) + 0x10000);
        assertThat(Math.abs(rounded - value)).isEqualTo(Math.min(Math.abs((double) below - value), Math.abs((double) above - value)));
      }
    }
    assertThat(converted(Tensor.ofFloats(Float.intBitsToFloat(0x3F808000)), Datatype.BF16).doubleAt(0)).isEqualTo(1);
    assertThat(converted(Tensor.ofFloats(Float.NaN), Datatype.BF16).doubleAt(0)).isNaN();
  }

  @Test
  void textIsNoNumber() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> converted(Tensor.ofStrings("1"), Datatype.FP32))
        .withMessage("input 'x' is BYTES, the model takes FP32");
  }

  private static Tensor converted(Tensor tensor, Datatype to) {
    ByteBuffer buffer = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
    Elements.put(tensor, "x", to, buffer);
    return Tensor.wrap(to, tensor.shape(), Arrays.copyOf(buffer.array(), buffer.position()));
  }
}
