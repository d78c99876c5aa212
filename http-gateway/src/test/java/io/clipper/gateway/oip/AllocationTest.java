package io.clipper.gateway.oip;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnknownFieldSet;
import com.sun.management.ThreadMXBean;
import io.clipper.gateway.JsonFault;
import io.clipper.model.Datatype;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.InferTensorContents;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest.InferInputTensor;
import java.io.ByteArrayInputStream;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What is allocated for a request is what it weighs, twice at most, or what its tensors weigh: whatever it claims. */
class AllocationTest {
  private static final int BODY = 8 << 20;
  /** Buffers of parsers, classes that are loaded, messages: the same for a request of any size. */
  private static final long FIXED = 512 << 10;

  private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  /** Decodes one request, to its end or to where it is found wrong. */
  interface Decoding {
    void run();
  }

  static Stream<Arguments> lies() {
    String spaces = " ".repeat(BODY);
    return Stream.of(
        lie("JSON: a shape that asks for all the body can hold", json("\"shape\":[%d],\"datatype\":\"FP64\",\"data\":[1%s]".formatted(BODY / 2, spaces))),
        lie("JSON: a shape of strings that are not there", json("\"shape\":[%d],\"datatype\":\"BYTES\",\"data\":[\"%s\"]".formatted(BODY / 2, spaces))),
        lie("JSON: a product beyond a long", json("\"shape\":[9223372036854775807,3],\"datatype\":\"FP64\",\"data\":[1%s]".formatted(spaces))),
        lie("JSON: a product that is small by overflow", json("\"shape\":[4294967296,4294967297],\"datatype\":\"INT8\",\"data\":[1%s]".formatted(spaces))),
        lie("JSON: nesting", json("\"shape\":[1],\"datatype\":\"FP64\",\"data\":" + "[".repeat(BODY))),
        lie("JSON: extents", json("\"shape\":[" + "1,".repeat(BODY / 2) + "1],\"datatype\":\"INT8\",\"data\":[1]")),
        lie("JSON: parameters", json("\"shape\":[1],\"datatype\":\"INT8\",\"parameters\":{" + parameters() + "},\"data\":[1]")),
        lie("JSON: parameters in many places", text("{\"inputs\":[" + manyParameters() + "]}")),
        lie("JSON: names that are not known", text("{\"inputs\":[],\"other\":{" + parameters() + "}}")),
        lie("JSON: outputs again and again", text("{\"inputs\":[]" + ",\"outputs\":[{\"name\":\"y\"}]".repeat(BODY / 26) + "}")),
        lie("JSON: numbers and one that is none", json("\"shape\":[%d],\"datatype\":\"FP64\",\"data\":[1%s,\"1\"]".formatted(BODY / 2 + 2, ",1".repeat(BODY / 2)))),
        lie("JSON: numbers in a request that is cut off", text("{\"inputs\":[" + ones("x", BODY / 2))),
        lie("JSON: numbers before an input that is none", text("{\"inputs\":[" + ones("x", BODY / 2) + ",1]}")),
        lie("JSON: many small inputs before one that is none", text("{\"inputs\":[" + (ones("x", 4096) + ",").repeat(BODY / 8192) + "1]}")),
        lie("JSON: numbers before their shape", text("{\"inputs\":[{\"name\":\"x\",\"data\":[1%s],\"datatype\":\"INT64\",\"shape\":[%d]},{}]}".formatted(",1".repeat(BODY / 2 - 1), BODY / 2))),
        lie("JSON: a text that does not end", json("\"shape\":[1],\"datatype\":\"BYTES\",\"data\":[\"" + "a".repeat(BODY))),
        lie("JSON: texts and one that is none", json("\"shape\":[%d],\"datatype\":\"BYTES\",\"data\":[\"\"%s,1]".formatted(BODY / 3 + 2, ",\"\"".repeat(BODY / 3)))),
        lie("repository: names that are not known", repository("{" + parameters() + "}")),
        lie("repository: parameters", repository("{\"parameters\":{" + parameters() + "}}")),
        lie("JSON: inputs", text("{\"inputs\":[" + "{\"name\":\"x\",\"shape\":[0],\"datatype\":\"INT8\",\"data\":[]},".repeat(BODY / 52) + "{}]}")),
        lie("JSON: outputs", text("{\"inputs\":[],\"outputs\":[" + "{\"name\":\"y\"},".repeat(BODY / 13) + "{}]}")),
        lie("predict: rows", predict("x:FP64[]", "{\"instances\":[1" + ",1".repeat(BODY / 2) + "]}")),
        lie("predict: rows of nothing", predict("x:FP64[],y:FP64[]", "{\"instances\":[{}" + ",{}".repeat(BODY / 3) + "]}")),
        lie("predict: a column of rows", predict("x:FP64[],y:FP64[]", "{\"inputs\":{\"x\":[1" + ",1".repeat(BODY / 2) + "]}}")),
        lie("predict: one element that is wrong", predict("x:FP64[-1]", "{\"instances\":[[1" + ",1".repeat(BODY / 2) + ",\"1\"]]}")),
        lie("predict: texts and one that is none", predict("x:BYTES[-1]", "{\"inputs\":[[\"\"" + ",\"\"".repeat(BODY / 3) + ",1]]}")),
        lie("predict: names that are not known", predict("x:FP64[]", "{\"instances\":[1],\"other\":{" + parameters() + "}}")),
        lie("gRPC: an input that ends beyond the message", wire(0x2a, 0xff, 0xff, 0xff, 0xff, 0x07)),
        lie("gRPC: raw contents that end beyond the message", wire(0x3a, 0xff, 0xff, 0xff, 0xff, 0x07)),
        lie("gRPC: inputs of two bytes", repeated(0x2a, 0)),
        lie("gRPC: outputs of two bytes", repeated(0x32, 0)),
        lie("gRPC: raw contents of two bytes", repeated(0x3a, 0)),
        lie("gRPC: parameters of two bytes", repeated(0x22, 0)),
        lie("gRPC: parameters in many places", message(manyParametersOnTheWire())),
        lie("gRPC: whole numbers where there is to be one", typed("INT64", 1, InferTensorContents.newBuilder().addAllInt64Contents(Collections.nCopies(BODY, 1L)).build())),
        lie("gRPC: whole numbers and one that is none", broken("INT64", BODY + 1, 3)),
        lie("gRPC: whole numbers and one that is out of range", typed("INT16", BODY + 1, InferTensorContents.newBuilder().addAllIntContents(Collections.nCopies(BODY, 1)).addIntContents(1 << 16).build())),
        lie("gRPC: whole numbers before an input that is none", beforeNone(InferTensorContents.newBuilder().addAllInt64Contents(Collections.nCopies(BODY, 1L)).build())),
        lie("gRPC: texts where there is to be one", typed("BYTES", 1, InferTensorContents.newBuilder().addAllBytesContents(Collections.nCopies(BODY / 2, ByteString.EMPTY)).build())));
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("lies")
  void aLieCostsNoMoreThanTwiceWhatItWeighs(String name, Decoding decoding, int weight) {
    assertThat(allocated(decoding)).isLessThanOrEqualTo(2L * weight + FIXED);
  }

  static Stream<Arguments> honest() {
    int elements = 1 << 20;
    return Stream.of(
        honest("gRPC: floats", typed("FP32", elements, InferTensorContents.newBuilder().addAllFp32Contents(Collections.nCopies(elements, 1f)).build()), 4L * elements),
        honest("gRPC: small whole numbers", typed("INT64", elements, InferTensorContents.newBuilder().addAllInt64Contents(Collections.nCopies(elements, 1L)).build()), 8L * elements),
        honest("gRPC: flags", typed("BOOL", elements, InferTensorContents.newBuilder().addAllBoolContents(Collections.nCopies(elements, true)).build()), elements),
        honest("JSON: small whole numbers", json("\"shape\":[%d],\"datatype\":\"INT64\",\"data\":[1%s]".formatted(elements, ",1".repeat(elements - 1))), 8L * elements),
        honest("JSON: unsigned numbers", json("\"shape\":[%d],\"datatype\":\"UINT64\",\"data\":[1%s]".formatted(elements, ",1".repeat(elements - 1))), 8L * elements),
        honest("predict: numbers in one row", predict("x:FP64[-1]", "{\"instances\":[[1%s]]}".formatted(",1".repeat(elements - 1))), 8L * elements),
        honest("predict: decimals", predict("x:FP32[-1]", "{\"inputs\":[[0.5%s]]}".formatted(",0.5".repeat(elements - 1))), 4L * elements),
        honest("predict: numbers by name", predict("x:FP32[-1],y:INT8[]", "{\"instances\":[{\"x\":[1%s],\"y\":1}]}".formatted(",1".repeat(elements - 1))), 4L * elements),
        honest("predict: a column of texts", predict("x:BYTES[-1]", "{\"inputs\":[[\"ab\"%s]]}".formatted(",\"ab\"".repeat(elements - 1))), 6L * elements),
        honest("JSON: texts", json("\"shape\":[%d],\"datatype\":\"BYTES\",\"data\":[\"ab\"%s]".formatted(elements, ",\"ab\"".repeat(elements - 1))), 6L * elements));
  }

  /** Beside the message itself, which over gRPC is read from a stream, only the tensor. */
  @ParameterizedTest(name = "{0}")
  @MethodSource("honest")
  void anHonestRequestCostsItsWeightAndItsTensors(String name, Decoding decoding, int weight, long tensors) {
    assertThat(allocated(decoding)).isLessThanOrEqualTo(weight + tensors + FIXED);
  }

  private static long allocated(Decoding decoding) {
    decoding.run();
    long thread = Thread.currentThread().threadId();
    long before = THREADS.getThreadAllocatedBytes(thread);
    decoding.run();
    return THREADS.getThreadAllocatedBytes(thread) - before;
  }

  private static Arguments lie(String name, Weighed request) {
    return Arguments.of(name, (Decoding) () -> assertThat(request.decoding().getAsBoolean()).as("refused").isTrue(), request.weight());
  }

  private static Arguments honest(String name, Weighed request, long tensors) {
    return Arguments.of(name, (Decoding) () -> assertThat(request.decoding().getAsBoolean()).as("refused").isFalse(), request.weight(), tensors);
  }

  /** @param decoding whether it was refused */
  private record Weighed(BooleanSupplier decoding, int weight) {}

  private static Weighed json(String input) {
    return text("{\"inputs\":[{\"name\":\"x\"," + input + "}]}");
  }

  private static Weighed text(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
    return new Weighed(() -> isRefused(() -> InferJson.read("m", "", inPieces(bytes), bytes.length)), bytes.length);
  }

  private static String parameters() {
    StringBuilder parameters = new StringBuilder("\"a\":1");
    for (int i = 0; parameters.length() < BODY; i++) {
      parameters.append(",\"").append(i).append("\":1");
    }
    return parameters.toString();
  }

  /** Few enough in each input. */
  private static String manyParameters() {
    StringBuilder inputs = new StringBuilder();
    for (int i = 0; inputs.length() < BODY; i++) {
      inputs.append(i == 0 ? "" : ",").append("{\"name\":\"x\",\"shape\":[0],\"datatype\":\"INT8\",\"data\":[],\"parameters\":{\"a\":1");
      for (int j = 0; j < InferWire.MOST_PARTS - 2; j++) {
        inputs.append(",\"").append(i).append('.').append(j).append("\":1");
      }
      inputs.append("}}");
    }
    return inputs.toString();
  }

  private static Weighed predict(String signature, String body) {
    byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
    Signature inputs = new Signature(Arrays.stream(signature.split(",", -1)).map(AllocationTest::spec).toList());
    return new Weighed(() -> isRefused(() -> PredictBody.read(inPieces(bytes), inputs)), bytes.length);
  }

  private static TensorSpec spec(String text) {
    String datatype = text.substring(2, text.indexOf('['));
    return new TensorSpec(text.substring(0, 1), Datatype.named(datatype), text.endsWith("[]") ? List.of() : List.of(-1L));
  }

  private static byte[] manyParametersOnTheWire() {
    ModelInferRequest.Builder request = ModelInferRequest.newBuilder();
    for (int i = 0; i < InferWire.MOST_PARTS; i++) {
      InferInputTensor.Builder input = InferInputTensor.newBuilder().setName("x").setDatatype("INT8").addShape(0);
      for (int j = 0; j < InferWire.MOST_PARTS - 1; j++) {
        input.putParameters(Integer.toString(j), InferParameter.newBuilder().setBoolParam(true).build());
      }
      request.addInputs(input);
    }
    return request.build().toByteArray();
  }

  private static Weighed repository(String body) {
    byte[] bytes = body.getBytes(StandardCharsets.US_ASCII);
    return new Weighed(() -> isRefused(() -> RepositoryBody.read(inPieces(bytes))), bytes.length);
  }

  /** As a connection gives them. */
  private static org.apache.pekko.util.ByteString inPieces(byte[] bytes) {
    int piece = 128 << 10;
    org.apache.pekko.util.ByteString all = org.apache.pekko.util.ByteString.emptyByteString();
    for (int at = 0; at < bytes.length; at += piece) {
      all = all.concat(org.apache.pekko.util.ByteString.fromArrayUnsafe(bytes, at, Math.min(piece, bytes.length - at)));
    }
    return all;
  }

  private static boolean isRefused(Decoding decoding) {
    try {
      decoding.run();
      return false;
    } catch (Fault | JsonFault wrong) {
      return true;
    }
  }

  private static Weighed wire(int... first) {
    byte[] message = new byte[BODY];
    for (int i = 0; i < first.length; i++) {
      message[i] = (byte) first[i];
    }
    return message(message);
  }

  private static Weighed repeated(int tag, int length) {
    byte[] message = new byte[BODY];
    for (int i = 0; i < BODY; i += 2) {
      message[i] = (byte) tag;
      message[i + 1] = (byte) length;
    }
    return message(message);
  }

  private static Weighed typed(String datatype, long shape, InferTensorContents contents) {
    return message(
        ModelInferRequest.newBuilder()
            .addInputs(InferInputTensor.newBuilder().setName("x").setDatatype(datatype).addShape(shape).setContents(contents))
            .build()
            .toByteArray());
  }

  /** An input of so many ones. */
  private static String ones(String name, int elements) {
    return "{\"name\":\"%s\",\"shape\":[%d],\"datatype\":\"FP64\",\"data\":[1%s]}".formatted(name, elements, ",1".repeat(elements - 1));
  }

  private static Weighed beforeNone(InferTensorContents contents) {
    return message(
        ModelInferRequest.newBuilder()
            .addInputs(InferInputTensor.newBuilder().setName("x").setDatatype("INT64").addShape(contents.getInt64ContentsCount()).setContents(contents))
            .addInputs(InferInputTensor.newBuilder().setName("y").setDatatype("INT64").addShape(1))
            .build()
            .toByteArray());
  }

  /** Packed ones in that field of the contents, and at their end a number that has more bytes than any. */
  private static Weighed broken(String datatype, int elements, int field) {
    byte[] numbers = new byte[elements + 11];
    Arrays.fill(numbers, (byte) 1);
    Arrays.fill(numbers, elements - 1, elements + 10, (byte) 0x80);
    InferTensorContents contents =
        InferTensorContents.newBuilder()
            .setUnknownFields(UnknownFieldSet.newBuilder().addField(field, UnknownFieldSet.Field.newBuilder().addLengthDelimited(ByteString.copyFrom(numbers)).build()).build())
            .build();
    return message(
        ModelInferRequest.newBuilder()
            .addInputs(InferInputTensor.newBuilder().setName("x").setDatatype(datatype).addShape(elements).setContents(contents))
            .build()
            .toByteArray());
  }

  private static Weighed message(byte[] message) {
    InferWire wire = new InferWire(64 << 20);
    return new Weighed(() -> wire.parse(new ByteArrayInputStream(message)) instanceof GrpcInfer.Unreadable, message.length);
  }
}
