package io.clipper.gateway.oip;

import io.clipper.gateway.Unexpected;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.Locale;
import java.util.Optional;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.GZIPInputStream;
import java.util.zip.GZIPOutputStream;
import java.util.zip.InflaterInputStream;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.headers.ContentEncoding;
import org.apache.pekko.http.javadsl.model.headers.HttpEncodings;
import org.apache.pekko.util.ByteString;
import org.apache.pekko.util.ByteStringBuilder;

/** Bodies that are compressed, either way: {@code gzip}, and {@code deflate}, which is zlib's stream. */
final class Encodings {
  private static final int LEAST_BLOCK = 512;
  private static final int MOST_BLOCK = 64 << 10;

  private final int limit;

  /** @param limit the most bytes that a body may become */
  Encodings(long limit) {
    this.limit = (int) Math.min(limit, Integer.MAX_VALUE - 8);
  }

  /** Throws {@link Fault} for an encoding that is not known, a body that is not in it, or one that becomes too large. */
  ByteString decoded(HttpRequest request, ByteString body) {
    String encoding = header(request, "Content-Encoding").orElse("identity").strip().toLowerCase(Locale.ROOT);
    return switch (encoding) {
      case "identity", "" -> body;
      case "gzip", "x-gzip", "deflate" -> unpacked(encoding, body);
      default -> throw new Fault(Fault.Kind.UNSUPPORTED, "Content-Encoding '%s' is not one of gzip, deflate".formatted(encoding));
    };
  }

  private ByteString unpacked(String encoding, ByteString body) {
    try (InputStream packed = body.asInputStream();
        InputStream stream = encoding.equals("deflate") ? new InflaterInputStream(packed) : new GZIPInputStream(packed)) {
      ByteStringBuilder unpacked = ByteString.createBuilder();
      byte[] block = new byte[Math.clamp(4L * body.size(), LEAST_BLOCK, MOST_BLOCK)];
      for (int read = stream.readNBytes(block, 0, block.length); read > 0; read = stream.readNBytes(block, 0, block.length)) {
        if (read > limit - unpacked.length()) {
          throw new Fault(Fault.Kind.TOO_LARGE, "the body is larger than %d bytes when it is unpacked".formatted(limit));
        }
        unpacked.append(ByteString.fromArrayUnsafe(block, 0, read));
        block = new byte[MOST_BLOCK];
      }
      return unpacked.result();
    } catch (IOException broken) {
      throw Fault.invalid("the body is not in %s: %s", encoding, Unexpected.words(broken));
    }
  }

  /** The answer in an encoding that the request takes, if it takes one. */
  static HttpResponse encoded(HttpRequest request, HttpResponse response) {
    String accepted = header(request, "Accept-Encoding").orElse("").toLowerCase(Locale.ROOT);
    boolean gzip = accepts(accepted, "gzip");
    if (!(response.entity() instanceof HttpEntity.Strict strict) || !(gzip || accepts(accepted, "deflate"))) {
      return response;
    }
    ByteString packed = packed(strict.getData(), gzip);
    return response
        .withEntity(HttpEntities.create(strict.getContentType(), packed))
        .addHeader(ContentEncoding.create(gzip ? HttpEncodings.GZIP : HttpEncodings.DEFLATE));
  }

  private static ByteString packed(ByteString data, boolean gzip) {
    ByteArrayOutputStream packed = new ByteArrayOutputStream(data.size() / 2 + 64);
    try (InputStream pieces = data.asInputStream();
        OutputStream stream = gzip ? new GZIPOutputStream(packed) : new DeflaterOutputStream(packed)) {
      pieces.transferTo(stream);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return ByteString.fromArrayUnsafe(packed.toByteArray());
  }

  private static boolean accepts(String accepted, String encoding) {
    for (String part : accepted.split(",", -1)) {
      String[] weighed = part.strip().split(";", 2);
      if (weighed[0].strip().equals(encoding)) {
        return weighed.length < 2 || !weighed[1].strip().matches("q=0(\\.0*)?");
      }
    }
    return false;
  }

  static Optional<String> header(HttpRequest request, String name) {
    return request.getHeader(name).map(HttpHeader::value);
  }
}
