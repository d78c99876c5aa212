package io.clipper.model.runtime.onnx;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;

/** What {@link ClassLabels} has to know of one node of a graph: what it does, between which values, and its list attributes by name. */
record GraphNode(String operator, List<String> inputs, List<String> outputs, List<Attribute> attributes) {
  /** An attribute's integers or texts, as text; or its tensor's. */
  record Attribute(String name, List<String> values) {}

  static GraphNode read(ByteBuffer message) {
    String operator = "";
    List<String> inputs = new ArrayList<>();
    List<String> outputs = new ArrayList<>();
    List<Attribute> attributes = new ArrayList<>();
    for (ProtobufFields node = new ProtobufFields(message); node.next(); ) {
      switch (node.field()) {
        case 1 -> inputs.add(node.text());
        case 2 -> outputs.add(node.text());
        case 4 -> operator = node.text();
        case 5 -> readAttribute(node.bytes(), attributes);
        default -> {}
      }
    }
    return new GraphNode(operator, inputs, outputs, attributes);
  }

  /** Trees keep millions of numbers in attributes: only those that can name classes are read. */
  private static void readAttribute(ByteBuffer message, List<Attribute> attributes) {
    String name = "";
    for (ProtobufFields attribute = new ProtobufFields(message); name.isEmpty() && attribute.next(); ) {
      if (attribute.field() == 1) {
        name = attribute.text();
      }
    }
    if (!name.startsWith("classlabels_") && !name.equals("value")) {
      return;
    }
    List<String> values = new ArrayList<>();
    for (ProtobufFields attribute = new ProtobufFields(message); attribute.next(); ) {
      switch (attribute.field()) {
        case 5 -> values.addAll(GraphConstant.read(attribute.bytes()).values());
        case 8 -> GraphConstant.addNumbers(attribute, values);
        case 9 -> values.add(attribute.text());
        default -> {}
      }
    }
    if (!values.isEmpty()) {
      attributes.add(new Attribute(name, values));
    }
  }
}
