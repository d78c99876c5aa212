package io.clipper.gateway.oip;

import java.nio.ByteBuffer;
import org.apache.pekko.util.ByteString;

/** JSON text in a request's body, in which an array begins somewhere. */
final class JsonText {
  /**
   * What the array can have.
   *
   * @param elements at most: one more than it has commas
   * @param stringBytes of the strings in it, at most: an escape is longer than what it stands for
   */
  record Count(int elements, int stringBytes) {}

  private final ByteString text;
  private final int from;
  private int commas;
  private int strings;
  private int depth;
  private boolean inString;
  private boolean escaped;

  /** @param from where the array begins */
  JsonText(ByteString text, int from) {
    this.text = text;
    this.from = from;
  }

  /** From the array's begin to the end of the text. */
  int length() {
    return text.size() - from;
  }

  /** Reads no further than the array's end. */
  Count count() {
    int before = 0;
    for (ByteBuffer piece : text.getByteBuffers()) {
      int first = piece.position() + Math.clamp(from - before, 0, piece.remaining());
      before += piece.remaining();
      for (int at = first; at < piece.limit(); at++) {
        take(piece.get(at));
        if (depth == 0 && !inString) {
          return new Count(commas + 1, strings);
        }
      }
    }
    return new Count(commas + 1, strings);
  }

  private void take(byte character) {
    if (inString) {
      inString = escaped || character != '"';
      escaped = !escaped && character == '\\';
      strings += inString ? 1 : 0;
      return;
    }
    switch (character) {
      case ',' -> commas++;
      case '[' -> depth++;
      case ']' -> depth--;
      case '"' -> inString = true;
      default -> {
        // A digit, a letter, a space: nothing that tells elements apart.
      }
    }
  }
}
