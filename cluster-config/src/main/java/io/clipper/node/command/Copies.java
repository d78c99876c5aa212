package io.clipper.node.command;

import com.fasterxml.jackson.databind.node.ObjectNode;

/** How many copies of a model people ask for: {@code 3}, or {@code every-node}. */
record Copies(String text) {
  private static final String EVERY_NODE = "every-node";

  static Copies parse(String text) {
    if (text.matches("-[0-9]{1,9}")) {
      throw new IllegalArgumentException("%s copies cannot run".formatted(text));
    }
    if (!text.equals(EVERY_NODE) && !text.matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException("'%s' is neither a number of copies nor %s".formatted(text, EVERY_NODE));
    }
    return new Copies(text);
  }

  /** As the management port takes it. */
  ObjectNode putIn(ObjectNode request) {
    return text.equals(EVERY_NODE) ? request.put("replicas", EVERY_NODE) : request.put("replicas", Integer.parseInt(text));
  }
}
