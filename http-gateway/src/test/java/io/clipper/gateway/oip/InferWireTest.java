package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.clipper.model.Datatype;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest.InferInputTensor;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest.InferRequestedOutputTensor;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.random.RandomGeneratorFactory;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class InferWireTest {
  private static final InferWire WIRE = new InferWire(16 << 20);

  @Test
  void everyFieldIsRead() {
    InferRequest request = readable(message().toByteArray()).request();
    assertThat(request.model()).isEqualTo("m");
    assertThat(request.version()).isEqualTo("3");
    assertThat(request.id()).isEqualTo("42");
    assertThat(request.parameters().values()).containsEntry("timeout", new Parameter.Whole(9)).containsEntry("context", new Parameter.Text("anna"));
    assertThat(request.outputs()).containsExactly(new RequestedOutput("y", Optional.of(2), false));
    assertThat(request.inputs().getFirst().shape()).containsExactly(2L, 2L);
  }

  @Test
  void aTensorsRawBytesAreCopiedOnce() {
    WireTensor tensor = readable(message().toByteArray()).request().inputs().getFirst();
    assertThat(tensor.bytes(0, 16)).isSameAs(tensor.bytes(0, 16)).containsExactly(new byte[16]);
  }

  @ParameterizedTest
  @EnumSource(value = Datatype.class, names = {"FP16", "BF16"}, mode = EnumSource.Mode.EXCLUDE)
  void typedContentsAreThoseThatWereSent(Datatype datatype) {
    WireTensor sent = new WireTensor("x", datatype, List.of(5L), some(datatype));
    byte[] packed = typed(datatype, GrpcTensors.typed(sent)).toByteArray();
    assertThat(readable(packed).request().inputs().getFirst().data()).isEqualTo(sent.data());
  }

  @Test
  void contentsInPiecesAreThoseInOne() {
    byte[] unpacked = {0x15, 0, 0, 0, 0, 0x12, 3, 1, 2, 3};
    byte[] pieces = {0x10, 7, 0x12, 2, 1, 2, 0x10, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, (byte) 0xff, 1};
    assertThat(contents(Datatype.INT8, 4, pieces)).containsExactly(7, 1, 2, -1);
    assertThat(WIRE.parse(new ByteArrayInputStream(around(unpacked, 4)))).isInstanceOf(GrpcInfer.Unreadable.class);
  }

  @Test
  void whatIsNoMessageIsToldAndNotThrown() {
    assertThat(WIRE.parse(new ByteArrayInputStream(new byte[] {0x3a, (byte) 0xff, (byte) 0xff, (byte) 0xff, 0x7f})))
        .isInstanceOfSatisfying(GrpcInfer.Unreadable.class, wrong -> assertThat(wrong.fault().kind()).isEqualTo(Fault.Kind.INVALID));
  }

  /** The input says that it has 20 bytes, of which 3 are there. */
  @Test
  void aMessageThatEndsWithinAPartOfItSaysHowMuchIsMissing() {
    byte[] cut = {0x0a, 1, 'm', 0x1a, 1, '7', 0x2a, 20, 0x0a, 1, 'x'};
    assertThat(WIRE.parse(new ByteArrayInputStream(cut)))
        .isInstanceOfSatisfying(
            GrpcInfer.Unreadable.class,
            wrong -> {
              assertThat(wrong.fault()).hasMessage("the message ended early: 17 bytes of a part of it are missing");
              assertThat(wrong.fault().kind()).isEqualTo(Fault.Kind.INVALID);
              assertThat(wrong.model()).isEqualTo("m");
              assertThat(wrong.id()).isEqualTo("7");
            });
  }

  @Test
  void partsThatCostMoreThanTheyWeighAreCounted() {
    ModelInferRequest.Builder many = ModelInferRequest.newBuilder();
    for (int i = 0; i <= InferWire.MOST_PARTS; i++) {
      many.addInputs(InferInputTensor.getDefaultInstance());
    }
    assertThat(WIRE.parse(new ByteArrayInputStream(many.build().toByteArray())))
        .isInstanceOfSatisfying(GrpcInfer.Unreadable.class, wrong -> assertThat(wrong.fault()).hasMessage("the request has more than 1024 inputs"));
  }

  /** Whatever the generated class can read is read alike; whatever it cannot is told. */
  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void everyFrameIsReadAsTheGeneratedClassReadsIt(long seed) {
    RandomGenerator random = RandomGeneratorFactory.of("L64X128MixRandom").create(seed);
    byte[] good = (seed % 2 == 0 ? message() : typed(Datatype.INT32, InferTensorContents.newBuilder().addIntContents(300).addIntContents(-1).build())).toByteArray();
    int read = 0;
    for (int i = 0; i < 5000; i++) {
      byte[] bytes = good.clone();
      for (int flips = random.nextInt(3); flips >= 0; flips--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt();
      }
      GrpcInfer found = WIRE.parse(new ByteArrayInputStream(bytes));
      try {
        ModelInferRequest expected = ModelInferRequest.parseFrom(bytes);
        if (found instanceof GrpcInfer.Received readable) {
          read++;
          assertThat(readable.request().model()).isEqualTo(expected.getModelName());
          assertThat(readable.request().id()).isEqualTo(expected.getId());
          assertThat(readable.raw()).isEqualTo(expected.getRawInputContentsCount() > 0);
          assertThat(readable.request().inputs().stream().map(WireTensor::shape)).containsExactlyElementsOf(expected.getInputsList().stream().map(InferInputTensor::getShapeList).toList());
        }
      } catch (InvalidProtocolBufferException broken) {
        assertThat(found).isInstanceOf(GrpcInfer.Unreadable.class);
      }
    }
    assertThat(read).isPositive();
  }

  private static GrpcInfer.Received readable(byte[] message) {
    return switch (WIRE.parse(new ByteArrayInputStream(message))) {
      case GrpcInfer.Received readable -> readable;
      case GrpcInfer.Unreadable unreadable -> throw unreadable.fault();
    };
  }

  private static byte[] contents(Datatype datatype, int elements, byte[] contents) {
    byte[] message = around(contents, elements);
    WireTensor tensor = readable(message).request().inputs().getFirst();
    assertThat(tensor.datatype()).isEqualTo(datatype);
    return tensor.bytes(0, tensor.data().limit());
  }

  /** A request with one INT8 input, whose contents are those bytes of a message. */
  private static byte[] around(byte[] contents, int elements) {
    byte[] head = InferInputTensor.newBuilder().setName("x").setDatatype("INT8").addShape(elements).build().toByteArray();
    ByteBuffer message = ByteBuffer.allocate(head.length + contents.length + 4);
    message.put((byte) 0x2a).put((byte) (head.length + contents.length + 2)).put(head).put((byte) 0x2a).put((byte) contents.length).put(contents);
    return message.array();
  }

  private static ModelInferRequest message() {
    return ModelInferRequest.newBuilder()
        .setModelName("m")
        .setModelVersion("3")
        .setId("42")
        .putParameters("timeout", InferParameter.newBuilder().setUint64Param(9).build())
        .putParameters("context", InferParameter.newBuilder().setStringParam("anna").build())
        .addInputs(InferInputTensor.newBuilder().setName("x").setDatatype("FP32").addShape(2).addShape(2))
        .addOutputs(InferRequestedOutputTensor.newBuilder().setName("y").putParameters("classification", InferParameter.newBuilder().setInt64Param(2).build()))
        .addRawInputContents(ByteString.copyFrom(new byte[16]))
        .build();
  }

  private static ModelInferRequest typed(Datatype datatype, InferTensorContents contents) {
    int elements = datatype == Datatype.INT32 && contents.getIntContentsCount() == 2 ? 2 : 5;
    return ModelInferRequest.newBuilder()
        .setModelName("m")
        .addInputs(InferInputTensor.newBuilder().setName("x").setDatatype(datatype.name()).addShape(elements).setContents(contents))
        .build();
  }

  private static ByteBuffer some(Datatype datatype) {
    if (datatype == Datatype.BYTES) {
      ByteBuffer texts = ByteBuffer.allocate(64).order(ByteOrder.LITTLE_ENDIAN);
      for (String text : List.of("", "a", "ü", "\0", "long enough")) {
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        texts.putInt(bytes.length).put(bytes);
      }
      return texts.flip();
    }
    ByteBuffer bytes = ByteBuffer.allocate(5 * datatype.elementBytes());
    for (int i = 0; i < bytes.limit(); i++) {
      bytes.put(i, (byte) (datatype == Datatype.BOOL ? i % 2 : 0x3f - 37 * i));
    }
    return bytes;
  }
}
