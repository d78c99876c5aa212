package io.clipper.model.runtime.onnx;

import io.clipper.model.Labels;
import java.io.IOException;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Finds the names of a classifier's classes, in the order of its probabilities, in the graph itself: ONNX Runtime's interface shows inputs
 * and outputs only.
 *
 * <p>The rule: from the label output back through operators that only change type or shape, to a node with {@code classlabels_*}
 * attributes (the classifiers of {@code ai.onnx.ml}), or to one that picks from a constant (ArrayFeatureExtractor, Gather): those are the
 * classes. Where that ends elsewhere, the one list that all {@code classlabels_*} attributes of the graph agree on; else there is none.
 */
final class ClassLabels {
  private static final Set<String> KEEP_VALUES = Set.of("Cast", "Identity", "Reshape", "Flatten", "Squeeze", "Unsqueeze");
  private static final Set<String> PICK = Set.of("ArrayFeatureExtractor", "Gather");

  /** A mapped file stays resident until the collector finds it, so only what the heap may not hold is mapped. */
  private static final long LARGEST_READ = 64L << 20;

  private final List<GraphNode> nodes = new ArrayList<>();
  private final Map<String, GraphNode> producers = new HashMap<>();
  private final Map<String, List<String>> constants = new HashMap<>();

  private ClassLabels(ByteBuffer model) {
    for (ProtobufFields fields = new ProtobufFields(model); fields.next(); ) {
      if (fields.field() == 7) {
        readGraph(fields.bytes());
      }
    }
  }

  /** In canonical form; empty where there are none, or the file is none that can be read so. */
  static List<String> find(Path file, String labelOutput) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      ByteBuffer model =
          channel.size() <= LARGEST_READ
              ? ByteBuffer.wrap(Files.readAllBytes(file))
              : channel.map(FileChannel.MapMode.READ_ONLY, 0, channel.size());
      return find(model, labelOutput);
    }
  }

  static List<String> find(ByteBuffer model, String labelOutput) {
    try {
      ClassLabels graph = new ClassLabels(model);
      return graph.behind(labelOutput).orElseGet(graph::agreed).stream().map(Labels::canonical).toList();
    } catch (BufferUnderflowException | IllegalArgumentException notProtobuf) {
      return List.of();
    }
  }

  private void readGraph(ByteBuffer message) {
    for (ProtobufFields graph = new ProtobufFields(message); graph.next(); ) {
      if (graph.field() == 1) {
        GraphNode node = GraphNode.read(graph.bytes());
        nodes.add(node);
        node.outputs().forEach(output -> producers.put(output, node));
      } else if (graph.field() == 5) {
        GraphConstant constant = GraphConstant.read(graph.bytes());
        constants.put(constant.name(), constant.values());
      }
    }
  }

  /** A graph has no cycles, so as many steps as nodes are enough. */
  private Optional<List<String>> behind(String output) {
    String value = output;
    for (int step = 0; step < nodes.size(); step++) {
      GraphNode node = producers.get(value);
      if (node == null || node.inputs().isEmpty()) {
        return Optional.empty();
      }
      Optional<List<String>> labels = classLabels(node);
      if (labels.isPresent()) {
        return labels;
      }
      value = node.inputs().getFirst();
      if (PICK.contains(node.operator())) {
        return constant(value);
      }
      if (!KEEP_VALUES.contains(node.operator())) {
        return Optional.empty();
      }
    }
    return Optional.empty();
  }

  private Optional<List<String>> constant(String value) {
    List<String> initializer = constants.get(value);
    if (initializer != null) {
      return Optional.of(initializer);
    }
    GraphNode node = producers.get(value);
    return node == null || !node.operator().equals("Constant") ? Optional.empty() : attribute(node, "value");
  }

  private List<String> agreed() {
    List<List<String>> lists = nodes.stream().map(ClassLabels::classLabels).flatMap(Optional::stream).distinct().toList();
    return lists.size() == 1 ? lists.getFirst() : List.of();
  }

  private static Optional<List<String>> classLabels(GraphNode node) {
    return attribute(node, "classlabels_");
  }

  private static Optional<List<String>> attribute(GraphNode node, String prefix) {
    return node.attributes().stream().filter(attribute -> attribute.name().startsWith(prefix)).map(GraphNode.Attribute::values).findFirst();
  }
}
