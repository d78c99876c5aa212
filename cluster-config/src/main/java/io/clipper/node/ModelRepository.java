package io.clipper.node;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.application.ServingNode;
import io.clipper.catalog.Model;
import io.clipper.model.ModelId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.stream.Stream;

/** A folder of {@code NAME/VERSION/model.onnx}, as other servers keep theirs. */
final class ModelRepository {
  /** One file of it. */
  record Entry(String name, String version, Path file) {}

  private static final Duration SLO = Duration.ofMillis(100);

  private ModelRepository() {}

  /** Deploys what the node does not have yet, each model to an application of its own name. */
  static CompletionStage<Void> deploy(ServingNode node, Path folder) {
    CompletionStage<Void> deployed = CompletableFuture.completedStage(null);
    for (Entry entry : read(folder)) {
      deployed = deployed.thenCompose(done -> deploy(node, entry));
    }
    return deployed;
  }

  private static CompletionStage<Void> deploy(ServingNode node, Entry entry) {
    Model known = node.applications().catalog().models().get(entry.name());
    if (known != null && known.versions().containsKey(entry.version())) {
      return CompletableFuture.completedStage(null);
    }
    return node.deploy(new ModelId(entry.name(), entry.version()), entry.file(), SLO, "").thenAccept(settled -> {});
  }

  /** By name, and of each name the versions in order, so that the highest comes into use. */
  static List<Entry> read(Path folder) {
    try {
      return readAll(folder);
    } catch (IOException unreadable) {
      throw new Refused(Reason.INVALID, "%s cannot be read (%s): see --models".formatted(folder, unreadable.getMessage()));
    }
  }

  private static List<Entry> readAll(Path folder) throws IOException {
    List<Entry> entries = new ArrayList<>();
    for (Path model : folders(folder)) {
      for (Path version : folders(model)) {
        Path file = version.resolve("model.onnx");
        if (Files.isRegularFile(file)) {
          entries.add(new Entry(model.getFileName().toString(), version.getFileName().toString(), file));
        }
      }
    }
    entries.sort(Comparator.comparing(Entry::name).thenComparing(Entry::version, ModelRepository::byNumber));
    return entries;
  }

  private static List<Path> folders(Path folder) throws IOException {
    try (Stream<Path> all = Files.list(folder)) {
      return all.filter(Files::isDirectory).sorted().toList();
    }
  }

  private static int byNumber(String one, String other) {
    boolean numbers = one.matches("\\d{1,18}") && other.matches("\\d{1,18}");
    return numbers ? Long.compare(Long.parseLong(one), Long.parseLong(other)) : one.compareTo(other);
  }
}
