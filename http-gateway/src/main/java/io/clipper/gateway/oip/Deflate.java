package io.clipper.gateway.oip;

import io.grpc.Codec;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.InflaterInputStream;

/** Compression that gRPC's C core has and its Java does not: zlib's stream. */
final class Deflate implements Codec {
  @Override
  public String getMessageEncoding() {
    return "deflate";
  }

  @Override
  public InputStream decompress(InputStream packed) {
    return new InflaterInputStream(packed);
  }

  @Override
  public OutputStream compress(OutputStream packed) {
    return new DeflaterOutputStream(packed);
  }
}
