package io.clipper.node;

import io.clipper.membership.Members;
import io.clipper.model.ModelId;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/** What a node's start waits for: the first of its steps that is not done. */
final class StartStep {
  /** Before there are parts that could be asked. */
  static final String TABLES = "its database, whose tables another node, or a restore, may be making";

  private StartStep() {}

  /**
   * @param unsettled the versions that are neither warm nor have failed
   * @param loading what some of them wait for, in a line
   */
  static String words(Members members, boolean knowsCatalog, Set<ModelId> unsettled, Map<ModelId, String> loading) {
    if (!members.isIn()) {
      return "its cluster to let it in";
    }
    if (!members.hasState()) {
      return "a node that keeps the applications' state: none is in reach";
    }
    if (!knowsCatalog) {
      return "the catalog";
    }
    return unsettled.isEmpty() ? "the applications' loops and its copies of models" : "models to load: " + named(unsettled, loading);
  }

  private static String named(Set<ModelId> unsettled, Map<ModelId, String> loading) {
    return unsettled.stream()
        .map(id -> loading.containsKey(id) ? "%s (%s)".formatted(id, loading.get(id)) : id.toString())
        .sorted()
        .collect(Collectors.joining(", "));
  }
}
