package io.clipper.gateway.admin;

import io.clipper.gateway.Replies;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import java.util.Map;
import org.apache.pekko.http.javadsl.model.ContentType;
import org.apache.pekko.http.javadsl.model.HttpCharsets;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.http.javadsl.model.MediaTypes;

/** All meters in Prometheus' text format. */
final class PrometheusPage {
  private static final ContentType.NonBinary TEXT =
      MediaTypes.customWithOpenCharset("text", "plain", Map.of("version", "0.0.4"), false).toContentType(HttpCharsets.UTF_8);

  private PrometheusPage() {}

  static HttpResponse of(PrometheusMeterRegistry registry) {
    return Replies.typed(TEXT, registry.scrape());
  }
}
