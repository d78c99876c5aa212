package io.clipper.node.tls;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ExpiryTest {
  private static final Instant END = Instant.parse("2031-05-06T07:08:09Z");
  private static final Duration DAY = Duration.ofDays(1);

  @Test
  void fromThirtyDaysBeforeTheEndThereIsAWarning() {
    Expiry expiry = new Expiry(Path.of("tls", "node.pem"), END);

    assertThat(expiry.warning(END.minus(DAY.multipliedBy(31)))).isEmpty();
    assertThat(expiry.warning(END.minus(DAY.multipliedBy(29))))
        .contains("tls/node.pem expires on 2031-05-06, in 29 days; running nodes take up a new one that is put there");
    assertThat(expiry.warning(END.plusSeconds(1)))
        .contains("tls/node.pem expired on 2031-05-06: no node connects any more; running nodes take up a new one that is put there");
  }

  @Test
  void theGaugeGoesByTheCertificateThatIsThere(@TempDir Path folder) throws Exception {
    SimpleMeterRegistry meters = new SimpleMeterRegistry();
    TestAuthority.in(folder).certify(List.of("127.0.0.1"), 100, folder);
    Instant end = Pem.certificate(folder.resolve("node.pem")).getNotAfter().toInstant();
    ExpiryActor.meter(TlsFolder.at(folder), meters, () -> end.minus(DAY));
    assertThat(meters.get("clipper.tls.certificate.left").gauge().value()).as("the authority's is longer").isEqualTo((double) DAY.toSeconds());

    Files.delete(folder.resolve("node.pem"));

    assertThat(meters.get("clipper.tls.certificate.left").gauge().value()).isNaN();
  }
}
