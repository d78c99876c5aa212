package io.clipper.node.command;

import io.clipper.Refused;
import io.clipper.node.client.NodeRefused;
import io.clipper.node.client.NodeUnreachable;
import io.clipper.node.terminal.Terminal;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code clipper}: the verbs, and what each failure prints and exits with. */
@Command(
    name = "clipper",
    mixinStandardHelpOptions = true,
    version = "clipper 0.1.0",
    description = "A prediction server that learns which models to trust.",
    exitCodeListHeading = "%nExit codes%n",
    exitCodeList = {"0:done", "1:the node refused, and said why", "2:wrong usage", "3:no node answers"},
    synopsisSubcommandLabel = "VERB")
public final class ClipperCommand implements Runnable {
  static final int REFUSED = 1;
  static final int UNREACHABLE = 3;

  @Spec private CommandSpec spec = CommandSpec.create();

  private ClipperCommand() {}

  /**
   * The whole command line over a terminal.
   *
   * @param before verbs that come before the client's own, such as {@code new UpCommand(starter)}
   */
  public static CommandLine line(Terminal terminal, Object... before) {
    CommandLine line = new CommandLine(new ClipperCommand());
    for (Object verb : before) {
      line.addSubcommand(verb);
    }
    verbs(terminal).forEach(line::addSubcommand);
    line.registerConverter(Duration.class, Durations::parse);
    line.registerConverter(HostPort.class, HostPort::parse);
    line.registerConverter(Size.class, Size::parse);
    line.registerConverter(Copies.class, Copies::parse);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setOut(terminal.out()).setErr(terminal.err());
    line.setParameterExceptionHandler((wrong, words) -> misused(wrong));
    line.setExecutionExceptionHandler((failure, failed, parsed) -> explain(failure, failed));
    return line;
  }

  private static List<Object> verbs(Terminal terminal) {
    return List.of(
        new StatusCommand(terminal),
        new PredictCommand(terminal, System::nanoTime),
        new FeedbackCommand(terminal),
        new DeployCommand(terminal),
        new UndeployCommand(terminal),
        new ScaleCommand(terminal),
        new RolloutCommand(terminal),
        new PromoteCommand(terminal),
        new AbortCommand(terminal),
        new RollbackCommand(terminal),
        AppCommand.line(terminal),
        new LinkCommand(terminal),
        new UnlinkCommand(terminal),
        DemoCommand.line(terminal, System::nanoTime),
        new ReplayCommand(terminal),
        StoreCommand.line(terminal),
        new TlsCommand(terminal),
        new BenchCommand(terminal, System::nanoTime));
  }

  /** One line for what a user can act on; a bug keeps its stack trace. */
  private static int explain(Exception failure, CommandLine line) throws Exception {
    return switch (failure) {
      case NodeUnreachable unreachable -> {
        String way = ": start a node with ./clipper up, or name one with --admin and --query";
        yield said(line, Causes.of(unreachable) + way, UNREACHABLE);
      }
      case Refused refused -> said(line, Causes.of(refused), REFUSED);
      case NodeRefused refused -> said(line, Causes.of(refused), REFUSED);
      case IllegalArgumentException wrong -> said(line, Causes.of(wrong), ExitCode.USAGE);
      case IllegalStateException unfit -> said(line, Causes.of(unfit), REFUSED);
      case UncheckedIOException unreadable -> said(line, Causes.of(unreadable), ExitCode.USAGE);
      case IOException unreadable -> said(line, Causes.of(unreadable), ExitCode.USAGE);
      default -> throw failure;
    };
  }

  private static int misused(ParameterException wrong) {
    CommandLine line = wrong.getCommandLine();
    line.getErr().println("clipper: " + wrong.getMessage());
    line.getErr().println("try: ./" + line.getCommandSpec().qualifiedName() + " --help");
    return ExitCode.USAGE;
  }

  private static int said(CommandLine line, String message, int code) {
    line.getErr().println("clipper: " + message);
    return code;
  }

  @Override
  public void run() {
    throw new ParameterException(spec.commandLine(), "which verb?");
  }
}
