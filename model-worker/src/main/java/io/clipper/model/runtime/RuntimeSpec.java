package io.clipper.model.runtime;

import java.util.Map;

/** How a model version is run; kept in the catalog, so it names nothing of a user's machine. */
public sealed interface RuntimeSpec {
  /** An ONNX file, run by ONNX Runtime in this JVM. The artifact is the file. */
  record Onnx() implements RuntimeSpec {}

  /** A kind that a third party's {@link RuntimeProvider} loads, with options of its own. */
  record PlugIn(String kind, Map<String, String> options) implements RuntimeSpec {
    public PlugIn {
      options = Map.copyOf(options);
    }
  }

  /** Nothing that a node starts: the version is known by name, and has replicas only when workers announce themselves. */
  record Announced() implements RuntimeSpec {}
}
