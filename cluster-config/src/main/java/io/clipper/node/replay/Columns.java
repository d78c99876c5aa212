package io.clipper.node.replay;

import java.util.List;
import java.util.Optional;

/**
 * What the columns of a recorded file are that are no model's answers.
 *
 * @param label of the labels
 * @param context of whom a query was for, where the file has that
 * @param features of the numbers that queries told of their circumstances, in their order
 */
public record Columns(String label, Optional<String> context, List<String> features) {
  public Columns {
    features = List.copyOf(features);
  }

  /** Labels and answers alone. */
  public static Columns labelled(String label) {
    return new Columns(label, Optional.empty(), List.of());
  }
}
