package io.clipper.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class TensorTest {
  @ParameterizedTest
  @CsvSource({
    "BOOL, 01, 1", "UINT8, ff, 255", "INT8, ff, -1", "UINT16, feff, 65534", "INT16, feff, -2", "UINT32, feffffff, 4294967294",
    "INT32, feffffff, -2", "INT64, feffffffffffffff, -2", "UINT64, 0000000000000080, 9.223372036854775808E18",
    "FP16, 003c, 1", "FP16, 00c5, -5", "FP16, 007c, Infinity", "FP16, 0100, 5.9604644775390625E-8",
    "BF16, 803f, 1", "BF16, 49c0, -3.140625", "FP32, 0000c03f, 1.5", "FP64, 000000000000f8bf, -1.5",
  })
  void elementsAreReadAsTheLittleEndianNumbersTheyAre(Datatype datatype, String hex, double expected) {
    Tensor tensor = Tensor.wrap(datatype, new long[] {1}, HexFormat.of().parseHex(hex));

    assertThat(tensor.doubleAt(0)).isEqualTo(expected);
  }

  @Test
  void unsignedLongsRoundToTheNearestDouble() {
    for (int seed = 0; seed < 1000; seed++) {
      Random random = new Random(seed);
      long bits = (1L << 63) | (random.nextLong() & ~0x7FFL) | 1024 | random.nextInt(2);
      double exact = new BigInteger(Long.toUnsignedString(bits)).doubleValue();

      byte[] bytes = ByteBuffer.allocate(Long.BYTES).order(ByteOrder.LITTLE_ENDIAN).putLong(0, bits).array();
      assertThat(Tensor.wrap(Datatype.UINT64, new long[0], bytes).doubleAt(0)).isEqualTo(exact);
    }
  }

  @Test
  void vectorsThatDifferInOneNumberSeldomShareAHash() {
    Set<Integer> hashes = new HashSet<>();
    for (int i = 0; i < 100_000; i++) {
      hashes.add(Tensor.ofDoubles(0.1, 0.2, 1_000_000 + i).hashCode());
    }

    // Of so many random numbers of 32 bits, one or two pairs are the same by chance.
    assertThat(hashes).hasSizeGreaterThan(99_980);
  }

  @Test
  void aBooleanIsZeroOrOne() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.wrap(Datatype.BOOL, new long[] {2}, new byte[] {1, 2}))
        .withMessage("BOOL element 1 is 2, neither 0 nor 1");
  }

  @ParameterizedTest
  @EnumSource(value = Datatype.class, names = "BYTES", mode = EnumSource.Mode.EXCLUDE)
  void bytesThatDoNotFillTheShapeAreRefused(Datatype datatype) {
    int size = 6 * datatype.elementBytes();

    assertThat(Tensor.wrap(datatype, new long[] {2, 3}, new byte[size]).elements()).isEqualTo(6);
    for (int wrong : new int[] {0, size - 1, size + 1}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> Tensor.wrap(datatype, new long[] {2, 3}, new byte[wrong]))
          .withMessage("%s of shape [2, 3] asks for %d bytes, the data has %d", datatype, size, wrong);
    }
  }

  @Test
  void shapesThatCannotBeAreRefused() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.wrap(Datatype.INT8, new long[] {2, -1}, new byte[2]))
        .withMessage("shape [2, -1] has a negative extent");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.wrap(Datatype.INT8, new long[] {1L << 32, 1L << 32}, new byte[2]))
        .withMessage("shape [4294967296, 4294967296] has too many elements");
  }

  @Test
  void stringsKeepEveryCharacterAndTheirOrder() {
    assertThat(Tensor.ofStrings("", "a\0b", "Grüße 🙂").strings()).containsExactly("", "a\0b", "Grüße 🙂");
  }

  @Test
  void stringsThatRunPastTheirDataAreRefused() {
    byte[] bytes = {1, 0, 0, 0, 'a', 2, 0, 0, 0, 'b'};

    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.wrap(Datatype.BYTES, new long[] {2}, bytes))
        .withMessage("BYTES element 1 runs past the end of the data");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.wrap(Datatype.BYTES, new long[] {1}, new byte[] {-1, -1, -1, -1}))
        .withMessage("BYTES element 0 runs past the end of the data");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.wrap(Datatype.BYTES, new long[] {3}, new byte[8]))
        .withMessage("shape [3] asks for 3 elements, the data has 2");
  }

  @Test
  void numbersAndStringsAreNotMixedUp() {
    assertThatIllegalStateException().isThrownBy(() -> Tensor.ofStrings("1").doubleAt(0));
    assertThatIllegalStateException().isThrownBy(() -> Tensor.ofDoubles(1).longAt(0));
    assertThatIllegalStateException().isThrownBy(() -> Tensor.ofDoubles(1).strings());
  }

  @Test
  void equalityLooksAtDatatypeShapeAndBytes() {
    assertThat(Tensor.ofInts(1, 2)).isEqualTo(Tensor.ofInts(1, 2)).hasSameHashCodeAs(Tensor.ofInts(1, 2));
    assertThat(Tensor.ofInts(1, 2)).isNotEqualTo(Tensor.ofInts(1, 2).reshaped(2, 1)).isNotEqualTo(Tensor.ofInts(1, 3));
    assertThat(Tensor.ofLongs(0)).isNotEqualTo(Tensor.ofDoubles(0));
  }

  @Test
  void whatItHandsOutDoesNotChangeIt() {
    Tensor tensor = Tensor.ofFloats(1, 2);
    tensor.shape()[0] = 7;

    assertThat(tensor.shape()).containsExactly(2);
    assertThat(tensor.bytes().isReadOnly()).isTrue();
    assertThat(tensor.bytes().order()).isEqualTo(ByteOrder.LITTLE_ENDIAN);
  }

  @Test
  void aReshapeKeepsTheNumberOfElements() {
    assertThat(Tensor.ofInts(1, 2, 3, 4).reshaped(2, 2).longAt(3)).isEqualTo(4);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tensor.ofInts(1, 2).reshaped(3))
        .withMessage("INT32 of shape [3] asks for 12 bytes, the data has 8");
  }
}
