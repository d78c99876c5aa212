package io.clipper.gateway.oip;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.pekko.http.javadsl.model.HttpEntities;
import org.apache.pekko.http.javadsl.model.HttpEntity;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaType;
import org.apache.pekko.http.javadsl.model.MediaTypes;

/** What an invocation on SageMaker says beside its body, and how Triton's clients are told there where an answer's tensors begin. */
final class SageMaker {
  /** Of an endpoint that has several models. */
  static final String TARGET_MODEL = "X-Amzn-SageMaker-Target-Model";

  private static final String BINARY = "vnd.sagemaker-triton.binary+json;json-header-size=";
  private static final Pattern BINARY_TYPE =
      Pattern.compile("application/vnd\\.sagemaker-triton\\.binary\\+json;\\s*json-header-size=(.*)", Pattern.CASE_INSENSITIVE);

  private SageMaker() {}

  static Optional<String> targetModel(HttpRequest request) {
    return Encodings.header(request, TARGET_MODEL).map(String::strip).filter(name -> !name.isEmpty());
  }

  /** Any type may be JSON, but for one that says what it is instead; throws {@link Fault}. */
  static void checkType(HttpRequest request) {
    MediaType type = request.entity().getContentType().mediaType();
    if (type.mainType().toLowerCase(Locale.ROOT).equals("text") && type.subType().toLowerCase(Locale.ROOT).equals("csv")) {
      throw new Fault(Fault.Kind.NOT_READ, "this server reads no text/csv: send JSON");
    }
  }

  /** In the type where it is not in the header: a gateway on the way may drop headers that it does not know. */
  static Optional<String> jsonLength(HttpRequest request) {
    Matcher type = BINARY_TYPE.matcher(request.entity().getContentType().toString());
    return Encodings.header(request, InferReply.HEADER_LENGTH).or(() -> type.matches() ? Optional.of(type.group(1)) : Optional.empty());
  }

  /** With the length of the JSON in the type, too, where the answer has tensors behind it. */
  static HttpResponse withLengthInType(HttpResponse response) {
    Optional<String> length = response.getHeader(InferReply.HEADER_LENGTH).map(HttpHeader::value);
    if (length.isEmpty() || !(response.entity() instanceof HttpEntity.Strict strict)) {
      return response;
    }
    // Clients cut the number off behind these very letters, so there is no space in them, as Pekko would write between parameters.
    MediaType.Binary type = MediaTypes.customBinary("application", BINARY + length.get(), false);
    return response.withEntity(HttpEntities.create(type.toContentType(), strict.getData()));
  }
}
