package io.clipper.gateway.oip;

/** A stretch of JSON text in a request's body, in which an array begins. */
final class JsonText {
  /**
   * What the array can have.
   *
   * @param elements at most: one more than it has commas
   * @param stringBytes of the strings in it, at most: an escape is longer than what it stands for
   */
  record Count(int elements, int stringBytes) {}

  private final byte[] body;
  private final int from;
  private final int to;

  JsonText(byte[] body, int from, int to) {
    this.body = body;
    this.from = from;
    this.to = to;
  }

  int length() {
    return to - from;
  }

  /** Reads no further than the array's end. */
  Count count() {
    int commas = 0;
    int strings = 0;
    int depth = 0;
    for (int at = from; at < to; at++) {
      switch (body[at]) {
        case ',' -> commas++;
        case '[' -> depth++;
        case ']' -> depth--;
        case '"' -> {
          int end = endOfString(at + 1);
          strings += end - at - 1;
          at = end;
        }
        default -> {
          // A digit, a letter, a space: nothing that tells elements apart.
        }
      }
      if (depth == 0) {
        break;
      }
    }
    return new Count(commas + 1, strings);
  }

  private int endOfString(int first) {
    int at = first;
    while (at < to && body[at] != '"') {
      at += body[at] == '\\' ? 2 : 1;
    }
    return Math.min(at, to);
  }
}
