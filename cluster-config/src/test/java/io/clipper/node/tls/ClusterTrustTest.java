package io.clipper.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ClusterTrustTest {
  private static final Config REFERENCE = ConfigFactory.parseResources("clipper-node.conf").withFallback(ConfigFactory.load());

  @Test
  void offLoopbackThePortIsNotOpenedWithoutTls() {
    Refused refused = catchThrowableOfType(Refused.class, () -> ClusterTrust.check(at("10.0.0.5", ""), false, Instant.now()));

    assertThat(refused).hasMessageContaining("10.0.0.5").hasMessageContaining("--tls").hasMessageContaining("--insecure");
    assertThat(catchThrowableOfType(Refused.class, () -> ClusterTrust.check(at("127.0.0.1", "0.0.0.0"), false, Instant.now())))
        .hasMessageContaining("0.0.0.0");
  }

  @Test
  void onLoopbackOrByAnExplicitWordItIs() {
    assertThatCode(() -> ClusterTrust.check(at("127.0.0.1", ""), false, Instant.now())).doesNotThrowAnyException();
    assertThatCode(() -> ClusterTrust.check(at("10.0.0.5", ""), true, Instant.now())).doesNotThrowAnyException();
  }

  @Test
  void withTlsTheCertificatesAreTriedFirst(@TempDir Path folder) {
    Config settings = TlsFolder.at(folder).config().withFallback(at("10.0.0.5", "0.0.0.0"));
    assertThat(catchThrowableOfType(Refused.class, () -> ClusterTrust.check(settings, false, Instant.now()))).hasMessageContaining("ca.pem");

    TestAuthority.in(folder).certify(List.of("10.0.0.5"), 30, folder);

    assertThatCode(() -> ClusterTrust.check(settings, false, Instant.now())).doesNotThrowAnyException();
  }

  private static Config at(String advertised, String bound) {
    return ConfigFactory.parseString(
            "pekko.remote.artery { canonical.hostname = \"%s\", bind.hostname = \"%s\" }".formatted(advertised, bound))
        .withFallback(REFERENCE);
  }
}
