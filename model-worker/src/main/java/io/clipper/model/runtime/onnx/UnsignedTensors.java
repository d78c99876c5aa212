package io.clipper.model.runtime.onnx;

import ai.onnxruntime.OnnxTensor;
import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession;
import io.clipper.model.Datatype;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;

/**
 * Tensors of UINT16, UINT32 and UINT64. The Java interface makes none from a buffer, so the bits go in as the signed type of the same width
 * and through a graph of one Cast, which keeps them.
 */
final class UnsignedTensors {
  private final OnnxEnvironment environment;
  private final Map<Datatype, OrtSession> casts = new EnumMap<>(Datatype.class);

  UnsignedTensors(OnnxEnvironment environment) {
    this.environment = environment;
  }

  static boolean covers(Datatype datatype) {
    return datatype == Datatype.UINT16 || datatype == Datatype.UINT32 || datatype == Datatype.UINT64;
  }

  /** The result holds one tensor and is the caller's to close. */
  OrtSession.Result cast(OnnxTensor signed, Datatype unsigned) throws OrtException {
    return session(unsigned).run(Map.of("signed", signed));
  }

  private synchronized OrtSession session(Datatype unsigned) throws OrtException {
    OrtSession known = casts.get(unsigned);
    if (known == null) {
      known = environment.open(resource("as-%s.onnx".formatted(unsigned.name().toLowerCase(Locale.ROOT))));
      casts.put(unsigned, known);
    }
    return known;
  }

  private static byte[] resource(String name) {
    try (InputStream stream = UnsignedTensors.class.getResourceAsStream(name)) {
      if (stream == null) {
        throw new IllegalStateException("the resource %s is missing".formatted(name));
      }
      return stream.readAllBytes();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
