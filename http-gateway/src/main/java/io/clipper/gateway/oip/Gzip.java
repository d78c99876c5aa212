package io.clipper.gateway.oip;

import io.grpc.Codec;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import org.jspecify.annotations.Nullable;

/**
 * gzip as gRPC's own codec has it, but for when it is begun: its header is read with the first byte of the message, by whoever parses it and
 * can tell the client what is wrong, not while frames are put together, where it would end the call without a word.
 */
final class Gzip implements Codec {
  @Override
  public String getMessageEncoding() {
    return "gzip";
  }

  @Override
  public InputStream decompress(InputStream packed) {
    return new Unpacking(packed);
  }

  @Override
  public OutputStream compress(OutputStream packed) throws IOException {
    return new GZIPOutputStream(packed);
  }

  private static final class Unpacking extends InputStream {
    private final InputStream packed;
    private @Nullable InputStream unpacked;

    Unpacking(InputStream packed) {
      this.packed = packed;
    }

    private InputStream begun() throws IOException {
      InputStream known = unpacked;
      if (known == null) {
        known = new GZIPInputStream(packed);
        unpacked = known;
      }
      return known;
    }

    @Override
    public int read() throws IOException {
      return begun().read();
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      return begun().read(bytes, offset, length);
    }

    @Override
    public void close() throws IOException {
      if (unpacked != null) {
        unpacked.close();
      }
      packed.close();
    }
  }
}
