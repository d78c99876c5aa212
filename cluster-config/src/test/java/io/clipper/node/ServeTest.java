package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.node.command.HostPort;
import io.clipper.node.command.NodeOptions;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;

class ServeTest {
  @Test
  void theNextNodeIsToldWhereToJoin() {
    assertThat(Serve.toJoin(TestNodes.options(Path.of("data"), 0, 0), "127.0.0.1:25520")).isEqualTo(" --join 127.0.0.1:25520");
  }

  @Test
  void whatTheNextNodeNeedsAsThisOneDoesIsNamedAndNotShown() {
    NodeOptions options =
        new NodeOptions(
            Path.of("data"),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "0.0.0.0",
            Optional.of("10.0.0.5"),
            Optional.of(Path.of("token")),
            Optional.of(Path.of("keys")),
            true,
            Optional.empty(),
            Optional.empty(),
            Optional.of("jdbc:postgresql://db/clipper?user=u&password=secret"),
            List.of(new HostPort("10.0.0.4", 25520)),
            Set.of(),
            true,
            Optional.empty());

    assertThat(Serve.toJoin(options, "10.0.0.5:25520"))
        .isEqualTo(" --jdbc URL --join 10.0.0.5:25520 --host ADDR --tls DIR --token-file FILE --insecure");
  }
}
