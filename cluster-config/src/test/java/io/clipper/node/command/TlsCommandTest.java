package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.node.terminal.Terminal;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsCommandTest {
  private final StringWriter out = new StringWriter();
  private final StringWriter err = new StringWriter();

  @TempDir private Path folder = Path.of("");

  @Test
  void aSecondNodeGetsItsOwnCertificateOfTheSameAuthority() {
    Path second = folder.resolve("second");

    assertThat(run("tls", folder.toString(), "--host", "10.0.0.5,node-1")).isZero();
    assertThat(run("tls", second.toString(), "--host", "10.0.0.6", "--authority", folder.toString(), "--days", "7")).isZero();

    assertThat(out.toString())
        .contains("a certificate for 10.0.0.5, node-1, valid for 365 days", "next: ./clipper up --tls %s --host 10.0.0.5".formatted(folder));
    assertThat(second.resolve("ca.pem")).hasSameTextualContentAs(folder.resolve("ca.pem"));
    assertThat(second.resolve("ca-key.pem")).doesNotExist();
  }

  @Test
  void whatCannotBeDoneIsOneLine() {
    assertThat(run("tls", folder.toString(), "--host", "no/host")).isEqualTo(1);
    assertThat(run("tls", folder.toString(), "--days", "0")).isEqualTo(2);
    assertThat(err.toString().strip().lines()).hasSize(2).allMatch(line -> line.startsWith("clipper: "));
  }

  private int run(String... words) {
    return ClipperCommand.line(new Terminal(new PrintWriter(out, true), new PrintWriter(err, true), false)).execute(words);
  }
}
