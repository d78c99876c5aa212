package io.clipper.node.command;

import io.clipper.backup.EmptyStore;
import io.clipper.backup.Store;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which store a verb is about. */
final class StoreAt {
  @Option(names = "--data", paramLabel = "DIR", description = "the folder of a stopped node (default: data in Clipper's folder)")
  private Optional<Path> data = Optional.empty();

  @Option(names = "--jdbc", paramLabel = "URL", description = "a database that nodes share; with --data also the artifacts in that folder")
  private Optional<String> jdbc = Optional.empty();

  /** One that is there: it is looked at. */
  Store kept() {
    return jdbc.map(url -> Store.kept(url, data)).orElseGet(() -> Store.kept(data.orElseGet(UpCommand::dataOfCheckout)));
  }

  /** One that is to be. */
  EmptyStore empty() {
    return jdbc.map(EmptyStore::at).orElseGet(() -> EmptyStore.in(data.orElseGet(UpCommand::dataOfCheckout)));
  }

  /** The options that {@code up} takes for the same store, without what may be secret. */
  String options() {
    return jdbc.map(url -> " --jdbc URL").or(() -> data.map(" --data %s"::formatted)).orElse("");
  }
}
