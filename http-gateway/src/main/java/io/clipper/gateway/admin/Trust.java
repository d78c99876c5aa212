package io.clipper.gateway.admin;

import io.clipper.gateway.Replies;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.StatusCodes;
import org.apache.pekko.http.javadsl.model.headers.RawHeader;

/**
 * Whom the management port obeys: whoever has the token where one is asked for, and no page of another site, whose scripts a browser on
 * this machine would otherwise carry past the loopback address.
 */
final class Trust {
  private final Optional<byte[]> expected;

  Trust(Optional<String> token) {
    expected = token.map(value -> ("Bearer " + value).getBytes(StandardCharsets.UTF_8));
  }

  /** Why not, if not. */
  Optional<HttpResponse> refusal(HttpRequest request) {
    String given = header(request, "Authorization").orElse("");
    if (expected.isPresent() && !MessageDigest.isEqual(expected.get(), given.getBytes(StandardCharsets.UTF_8))) {
      return Optional.of(
          Replies.error(StatusCodes.UNAUTHORIZED, "Unauthorized", "management asks for the header Authorization: Bearer TOKEN")
              .addHeader(RawHeader.create("WWW-Authenticate", "Bearer")));
    }
    Optional<String> origin = header(request, "Origin");
    String host = header(request, "Host").orElse("");
    if (origin.isPresent() && !origin.get().equals("http://" + host) && !origin.get().equals("https://" + host)) {
      return Optional.of(Replies.error(StatusCodes.FORBIDDEN, "Forbidden", "a page of %s may not manage this server".formatted(origin.get())));
    }
    return Optional.empty();
  }

  private static Optional<String> header(HttpRequest request, String name) {
    return request.getHeader(name).map(HttpHeader::value);
  }
}
