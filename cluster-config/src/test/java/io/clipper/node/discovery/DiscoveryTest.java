package io.clipper.node.discovery;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DiscoveryTest {
  @Test
  void everyAddressOfANameIsANodeButOnesOwn() {
    assertThat(Discovery.parse("dns:localhost").nodes("none")).contains("127.0.0.1:25520").allMatch(node -> node.endsWith(":25520"));
    assertThat(Discovery.parse("dns:localhost:7000").nodes("127.0.0.1")).doesNotContain("127.0.0.1:7000");
  }

  @Test
  void aNodeThatIsCalledByANameRecognisesItsAddress() throws UnknownHostException {
    assertThat(Discovery.parse("dns:127.0.0.1").nodes("localhost")).isEmpty();
    assertThat(OwnAddresses.of("localhost").include(address("127.0.0.1"))).isTrue();
    assertThat(OwnAddresses.of("::1").include(address("0:0:0:0:0:0:0:1"))).isTrue();
    assertThat(OwnAddresses.of("192.0.2.1").include(address("192.0.2.2"))).isFalse();
  }

  private static InetAddress address(String literal) throws UnknownHostException {
    return InetAddress.getAllByName(literal)[0];
  }

  @Test
  void aNameThatNobodyKnowsIsOneLine() {
    Refused refused = catchThrowableOfType(Refused.class, () -> Discovery.parse("dns:no-such-name.invalid").nodes("none"));

    assertThat(refused).hasMessageContaining("no-such-name.invalid").hasMessageContaining("--discovery");
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "dns", "dns:", "dns:a:0", "dns:a:65536", "dns:a:b", "dns:a:1:2", "consul:a", "kubernetes:"})
  void whatIsNeitherIsRefused(String text) {
    assertThat(catchThrowableOfType(Refused.class, () -> Discovery.parse(text))).hasMessageContaining("'%s'".formatted(text));
  }

  @Test
  void outsideOfAPodKubernetesIsRefused(@TempDir Path account) {
    assertThat(catchThrowableOfType(Refused.class, () -> KubernetesApi.of(Map.of(), account))).hasMessageContaining("no pod");
    assertThat(KubernetesApi.of(Map.of("KUBERNETES_SERVICE_HOST", "fd00::1", "KUBERNETES_SERVICE_PORT", "6443"), account).server())
        .hasToString("https://[fd00::1]:6443");
  }
}
