package io.clipper.node.command;

import io.clipper.node.terminal.Terminal;
import io.clipper.node.tls.TestAuthority;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code tls}: the files that {@code up --tls} takes. */
@Command(
    name = "tls",
    description = {
      "Makes a node's key and certificate, and the authority behind it where there is none.",
      "DIR has ca.pem, node.pem and node-key.pem afterwards; ca-key.pem beside them makes more certificates, and belongs on no node."
    },
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:done", "1:could not be made, and said why", "2:wrong usage"})
final class TlsCommand implements Callable<Integer> {
  private static final int MOST_DAYS = 3650;

  private final Terminal terminal;

  @Parameters(paramLabel = "DIR", description = "where the files go")
  private Path folder = Path.of("");

  @Option(
      names = "--host",
      split = ",",
      paramLabel = "HOST",
      description = "what other nodes call the node, a name or an address; several for one certificate on several nodes (default: 127.0.0.1,localhost)")
  private List<String> hosts = List.of("127.0.0.1", "localhost");

  @Option(names = "--authority", paramLabel = "DIR", description = "the folder of ca.pem and ca-key.pem (default: DIR)")
  private Optional<Path> authority = Optional.empty();

  @Option(names = "--days", paramLabel = "N", description = "how long the certificate is valid (default: ${DEFAULT-VALUE})")
  private int days = 365;

  /** Only the parser asks for it. */
  @SuppressWarnings("UnusedVariable")
  @Option(names = {"-h", "--help"}, usageHelp = true, description = "print this and stop")
  private boolean help;

  TlsCommand(Terminal terminal) {
    this.terminal = terminal;
  }

  @Override
  public Integer call() {
    if (days < 1 || days > MOST_DAYS) {
      throw new IllegalArgumentException("--days %d is outside 1..%d".formatted(days, MOST_DAYS));
    }
    TestAuthority.in(authority.orElse(folder)).certify(hosts, days, folder);
    terminal.line("%s: a certificate for %s, valid for %d days".formatted(folder, String.join(", ", hosts), days));
    terminal.next("./clipper up --tls %s --host %s".formatted(folder, hosts.getFirst()));
    return 0;
  }
}
