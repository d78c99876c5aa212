package io.clipper.load;

import io.clipper.application.ServingNode;
import io.clipper.catalog.CatalogChange;
import io.clipper.catalog.ModelVersion;
import io.clipper.model.Datatype;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import java.util.stream.Collectors;

/**
 * A no-op model of one tensor {@code x}, asked past any application and never answered from the cache; and how a node process is told of it:
 * in one word of its command line.
 *
 * @param shape of a row
 * @param outputs floats that it answers with
 */
record ServedTensors(String model, Datatype datatype, List<Long> shape, int outputs) {
  private static final String WORD = "tensors;";

  ServedTensors {
    shape = List.copyOf(shape);
  }

  String word() {
    return "%s%s;%s;%s;%d".formatted(WORD, model, datatype, extents(), outputs);
  }

  static boolean is(String word) {
    return word.startsWith(WORD);
  }

  static ServedTensors parse(String word) {
    String[] parts = word.substring(WORD.length()).split(";", -1);
    return new ServedTensors(parts[0], Datatype.valueOf(parts[1]), extents(parts[2]), Integer.parseInt(parts[3]));
  }

  static List<Long> extents(String text) {
    return Arrays.stream(text.split("x", -1)).map(Long::valueOf).toList();
  }

  static Signature signature(Datatype datatype, List<Long> shape) {
    return new Signature(List.of(new TensorSpec("x", datatype, shape)));
  }

  String extents() {
    return shape.stream().map(String::valueOf).collect(Collectors.joining("x"));
  }

  int elements() {
    return Math.toIntExact(shape.stream().reduce(1L, Math::multiplyExact));
  }

  /** Completes when it is warm. */
  CompletionStage<Void> deploy(ServingNode node) {
    ModelId id = new ModelId(model, "1");
    ModelVersion version =
        new ModelVersion(
            id,
            signature(datatype, shape),
            SimulatedRuntimeProvider.tensors(datatype, extents(), outputs),
            Optional.empty(),
            List.of(),
            "",
            "",
            ModelVersion.ADAPTIVE,
            false);
    return node.applications()
        .change(new CatalogChange.Deploy(version, Optional.empty(), Optional.empty()))
        .thenCompose(changed -> node.replicas().whenSettled(id))
        .thenAccept(settled -> {});
  }
}
