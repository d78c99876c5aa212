package io.clipper.model.runtime.oip;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import com.google.protobuf.ByteString;
import io.clipper.model.Datatype;
import io.clipper.model.Tensor;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import java.util.List;
import org.junit.jupiter.api.Test;

class WireTensorsTest {
  @Test
  void typedContentsOfEveryDatatypeAreRead() {
    assertThat(read(Datatype.FP64, contents().addFp64Contents(1.5).addFp64Contents(-2))).isEqualTo(Tensor.ofDoubles(1.5, -2));
    assertThat(read(Datatype.FP32, contents().addFp32Contents(1).addFp32Contents(2))).isEqualTo(Tensor.ofFloats(1, 2));
    assertThat(read(Datatype.INT64, contents().addInt64Contents(1).addInt64Contents(-1))).isEqualTo(Tensor.ofLongs(1, -1));
    assertThat(read(Datatype.INT32, contents().addIntContents(1).addIntContents(-1))).isEqualTo(Tensor.ofInts(1, -1));
    assertThat(read(Datatype.INT16, contents().addIntContents(-3).addIntContents(7)).longAt(0)).isEqualTo(-3);
    assertThat(read(Datatype.INT8, contents().addIntContents(-3).addIntContents(7)).longAt(0)).isEqualTo(-3);
    assertThat(read(Datatype.UINT8, contents().addUintContents(255).addUintContents(0)).longAt(0)).isEqualTo(255);
    assertThat(read(Datatype.UINT16, contents().addUintContents(65535).addUintContents(0)).longAt(0)).isEqualTo(65535);
    assertThat(read(Datatype.UINT32, contents().addUintContents(-1).addUintContents(0)).longAt(0)).isEqualTo(4294967295L);
    assertThat(read(Datatype.UINT64, contents().addUint64Contents(-1).addUint64Contents(0)).doubleAt(0)).isEqualTo(0x1p64);
    assertThat(read(Datatype.BOOL, contents().addBoolContents(true).addBoolContents(false)).longAt(0)).isEqualTo(1);
    assertThat(read(Datatype.BYTES, contents().addBytesContents(text("ä")).addBytesContents(text("")))).isEqualTo(Tensor.ofStrings("ä", ""));
  }

  @Test
  void contentsOfAnotherDatatypeAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> read(Datatype.FP64, contents().addFp32Contents(1).addFp32Contents(2)));
    assertThatIllegalArgumentException().isThrownBy(() -> read(Datatype.FP16, contents().addFp32Contents(1).addFp32Contents(2)));
    assertThatIllegalArgumentException().isThrownBy(() -> read(Datatype.UINT8, contents().addUintContents(256).addUintContents(0)));
    assertThatIllegalArgumentException().isThrownBy(() -> read(Datatype.INT16, contents().addIntContents(40_000).addIntContents(0)));
  }

  @Test
  void contentsThatAreNotAsManyAsTheShapeAreRefused() {
    assertThatIllegalArgumentException().isThrownBy(() -> read(Datatype.INT64, contents().addInt64Contents(1)));
  }

  @Test
  void rowsOfTextsAreCutWhereTheirLengthsSay() {
    List<Tensor> rows = List.of(Tensor.ofStrings("a", ""), Tensor.ofStrings("longer", "ü"), Tensor.ofStrings("", ""));

    ByteString stacked = TensorStack.stack("x", Datatype.BYTES, rows);

    assertThat(TensorStack.rows("x", Datatype.BYTES, new long[] {3, 2}, stacked, 3)).isEqualTo(rows);
  }

  @Test
  void textsThatAreMoreOrFewerThanTheShapeSaysAreRefused() {
    ByteString three = WireTensors.raw(Tensor.ofStrings("a", "b", "c"));

    assertThatIllegalArgumentException().isThrownBy(() -> TensorStack.rows("y", Datatype.BYTES, new long[] {2, 1}, three, 2));
    assertThatIllegalArgumentException().isThrownBy(() -> TensorStack.rows("y", Datatype.BYTES, new long[] {2, 2}, three, 2));
  }

  @Test
  void aRowOfOneElementIsAScalar() {
    ByteString raw = WireTensors.raw(Tensor.ofDoubles(1, 2));

    assertThat(TensorStack.rows("y", Datatype.FP64, new long[] {2, 1}, raw, 2)).containsExactly(Tensor.ofDoubles(1).reshaped(), Tensor.ofDoubles(2).reshaped());
    assertThat(TensorStack.rows("y", Datatype.FP64, new long[] {2}, raw, 2)).containsExactly(Tensor.ofDoubles(1).reshaped(), Tensor.ofDoubles(2).reshaped());
  }

  @Test
  void anAnswerOfAnotherNumberOfRowsIsNone() {
    ByteString raw = WireTensors.raw(Tensor.ofDoubles(1, 2));

    assertThatIllegalStateException()
        .isThrownBy(() -> TensorStack.rows("y", Datatype.FP64, new long[] {2}, raw, 3))
        .withMessage("output 'y' has shape [2] for a batch of 3");
  }

  private static Tensor read(Datatype datatype, InferTensorContents.Builder contents) {
    return WireTensors.fromContents(datatype, new long[] {2}, contents.build());
  }

  private static InferTensorContents.Builder contents() {
    return InferTensorContents.newBuilder();
  }

  private static ByteString text(String value) {
    return ByteString.copyFromUtf8(value);
  }
}
