package io.clipper.gateway.oip;

import com.google.protobuf.CodedInputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.WireFormat;
import io.clipper.gateway.Unexpected;
import io.clipper.model.Datatype;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.grpc.MethodDescriptor.Marshaller;
import io.grpc.StatusRuntimeException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Reads a {@code ModelInferRequest} off the wire, in place of the generated class, which would hold each number of a tensor in a list that
 * grows. A tensor's bytes are copied once, into an array of their own, which the model gets as it is where there is one row. What a message
 * says of its lengths is believed only as far as there are bytes, and parts that cost more than they weigh are counted.
 */
record InferWire(int limit) implements Marshaller<GrpcInfer> {
  /** Tensors, outputs, parameters: far beyond any model, far below what would cost. */
  static final int MOST_PARTS = 1024;
  /** As many as NumPy has. */
  static final int MOST_EXTENTS = 64;

  @Override
  public InputStream stream(GrpcInfer value) {
    throw new UnsupportedOperationException("a server only receives requests");
  }

  /** Never throws for what is in the message: a call whose message cannot be read is told why. */
  @Override
  public GrpcInfer parse(InputStream stream) {
    Reading reading = new Reading();
    try {
      reading.read(CodedInputStream.newInstance(stream));
      return new GrpcInfer.Received(reading.request(limit), !reading.raw.isEmpty());
    } catch (Fault fault) {
      return new GrpcInfer.Unreadable(reading.model, reading.id, fault);
    } catch (InvalidProtocolBufferException broken) {
      return new GrpcInfer.Unreadable(reading.model, reading.id, Fault.invalid("the message is no ModelInferRequest: %s", Unexpected.words(broken)));
    } catch (IOException broken) {
      return new GrpcInfer.Unreadable(reading.model, reading.id, Fault.invalid("the message ended early: %s", Unexpected.words(broken)));
    } catch (StatusRuntimeException unpacked) {
      // What a compressed message becomes is known to whoever unpacks it.
      return new GrpcInfer.Unreadable(
          reading.model, reading.id, new Fault(Fault.Kind.TOO_LARGE, "the message is larger than %d bytes when it is unpacked".formatted(limit)));
    }
  }

  /** Takes one field whose tag was read, or says that it is not known in that form. */
  private interface Fields {
    boolean take(int tag, CodedInputStream in) throws IOException;
  }

  /** The fields of a message that stands inside another. */
  private static void message(CodedInputStream in, Fields fields) throws IOException {
    int before = in.pushLimit(in.readRawVarint32());
    fields(in, fields);
    if (in.getBytesUntilLimit() != 0) {
      throw Fault.invalid("the message ended early: %d bytes of a part of it are missing", in.getBytesUntilLimit());
    }
    in.popLimit(before);
  }

  private static void fields(CodedInputStream in, Fields fields) throws IOException {
    for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
      if (!fields.take(tag, in) && !in.skipField(tag)) {
        throw Fault.invalid("the message is no ModelInferRequest: it ends a group that it did not begin");
      }
    }
    in.checkLastTagWas(0);
  }

  /** The field's number where the tag is that of a text, of bytes, of a message or of packed numbers; else none that is known. */
  private static int delimited(int tag) {
    return WireFormat.getTagWireType(tag) == WireFormat.WIRETYPE_LENGTH_DELIMITED ? WireFormat.getTagFieldNumber(tag) : 0;
  }

  /** Throws {@link Fault} where there are as many already. */
  static void few(String what, int already, int most) {
    if (already >= most) {
      throw Fault.invalid("the request has more than %d %s", most, what);
    }
  }

  /** What has been read of one message. */
  private static final class Reading {
    private String model = "";
    private String version = "";
    private String id = "";
    private final Parametric parametric = new Parametric();
    private final Map<String, Parameter> parameters = new HashMap<>();
    private final List<Input> inputs = new ArrayList<>();
    private final List<RequestedOutput> outputs = new ArrayList<>();
    private final List<byte[]> raw = new ArrayList<>();

    void read(CodedInputStream in) throws IOException {
      fields(in, this::take);
    }

    private boolean take(int tag, CodedInputStream in) throws IOException {
      switch (delimited(tag)) {
        case 1 -> model = in.readStringRequireUtf8();
        case 2 -> version = in.readStringRequireUtf8();
        case 3 -> id = in.readStringRequireUtf8();
        case 4 -> parametric.take(in, parameters);
        case 5 -> {
          few("inputs", inputs.size(), MOST_PARTS);
          Input input = new Input(parametric);
          message(in, input::take);
          inputs.add(input);
        }
        case 6 -> {
          few("outputs", outputs.size(), MOST_PARTS);
          outputs.add(output(in, parametric));
        }
        case 7 -> {
          few("raw_input_contents", raw.size(), MOST_PARTS);
          raw.add(in.readByteArray());
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    InferRequest request(int limit) throws IOException {
      // An input in shared memory has no raw contents: to count them first would say that they are too few.
      inputs.forEach(Input::refuseSharedMemory);
      if (!raw.isEmpty() && raw.size() != inputs.size()) {
        throw Fault.invalid("there are %d raw_input_contents for %d inputs", raw.size(), inputs.size());
      }
      List<Unread> unread = new ArrayList<>(inputs.size());
      long size = 0;
      for (int i = 0; i < inputs.size(); i++) {
        Unread tensor = inputs.get(i).checked(raw.isEmpty() ? Optional.empty() : Optional.of(raw.get(i)), limit - size);
        size += tensor.size();
        unread.add(tensor);
      }
      List<WireTensor> tensors = new ArrayList<>(unread.size());
      for (Unread tensor : unread) {
        tensors.add(tensor.read());
      }
      return new InferRequest(model, version, id, new Parameters(parameters), tensors, outputs);
    }
  }

  /** One input tensor, whose contents wait for its datatype and shape. */
  private static final class Input {
    /** Of a client that does not pack them. */
    private static final int ONE_EXTENT = 3 << 3;

    private final Parametric parametric;
    private String name = "";
    private String datatype = "";
    private final List<Long> shape = new ArrayList<>(4);
    private final Map<String, Parameter> parameters = new HashMap<>();
    private Optional<byte[]> contents = Optional.empty();

    Input(Parametric parametric) {
      this.parametric = parametric;
    }

    private boolean take(int tag, CodedInputStream in) throws IOException {
      switch (delimited(tag)) {
        case 1 -> name = in.readStringRequireUtf8();
        case 2 -> datatype = in.readStringRequireUtf8();
        case 3 -> extents(in);
        case 4 -> parametric.take(in, parameters);
        case 5 -> contents = Optional.of(contents.isEmpty() ? in.readByteArray() : joined(contents.get(), in.readByteArray()));
        default -> {
          if (tag != ONE_EXTENT) {
            return false;
          }
          extent(in);
        }
      }
      return true;
    }

    private void extents(CodedInputStream in) throws IOException {
      int before = in.pushLimit(in.readRawVarint32());
      while (in.getBytesUntilLimit() > 0) {
        extent(in);
      }
      in.popLimit(before);
    }

    private void extent(CodedInputStream in) throws IOException {
      if (shape.size() >= MOST_EXTENTS) {
        throw Fault.invalid("input '%s' has more than %d extents", name, MOST_EXTENTS);
      }
      shape.add(in.readInt64());
    }

    /** The two halves of a message that came in two are those of one. */
    private static byte[] joined(byte[] one, byte[] other) {
      return ByteBuffer.allocate(Math.addExact(one.length, other.length)).put(one).put(other).array();
    }

    void refuseSharedMemory() {
      if (parameters.containsKey("shared_memory_region")) {
        throw new Fault(Fault.Kind.UNSUPPORTED, "input '%s' is in shared memory, which this server does not have".formatted(name));
      }
    }

    Unread checked(Optional<byte[]> raw, long limit) throws IOException {
      if (raw.isPresent() && contents.isPresent()) {
        throw Fault.invalid("contents field must not be specified when using raw_input_contents for input '%s'", name);
      }
      Datatype type = WireTensor.datatype(name, datatype);
      if (raw.isPresent()) {
        byte[] bytes = raw.get();
        return new Unread(bytes.length, () -> new WireTensor(name, type, shape, ByteBuffer.wrap(bytes)));
      }
      TypedContents typed = TypedContents.checked(name, type, shape, contents.orElse(new byte[0]), limit);
      return new Unread(typed.size(), () -> new WireTensor(name, type, shape, typed.bytes()));
    }
  }

  /** A tensor that is found right, before there is room for its elements: there is none for those of a request of which another is wrong. */
  private record Unread(int size, Reader reader) {
    private interface Reader {
      WireTensor read() throws IOException;
    }

    WireTensor read() throws IOException {
      return reader.read();
    }
  }

  private static RequestedOutput output(CodedInputStream in, Parametric parametric) throws IOException {
    String[] name = {""};
    Map<String, Parameter> parameters = new HashMap<>();
    message(
        in,
        (tag, inner) -> {
          switch (delimited(tag)) {
            case 1 -> name[0] = inner.readStringRequireUtf8();
            case 2 -> parametric.take(inner, parameters);
            default -> {
              return false;
            }
          }
          return true;
        });
    return RequestedOutput.of(name[0], new Parameters(parameters), false);
  }

  /** The parameters of one message, its own and its parts'. */
  private static final class Parametric {
    private int count;

    void take(CodedInputStream in, Map<String, Parameter> into) throws IOException {
      few("parameters", count++, MOST_PARTS);
      String[] key = {""};
      InferParameter[] value = {InferParameter.getDefaultInstance()};
      message(
          in,
          (tag, inner) -> {
            switch (delimited(tag)) {
              case 1 -> key[0] = inner.readStringRequireUtf8();
              case 2 -> value[0] = InferParameter.parseFrom(inner.readByteArray());
              default -> {
                return false;
              }
            }
            return true;
          });
      into.put(key[0], GrpcMessages.parameter(key[0], value[0]));
    }
  }
}
