package io.clipper.storage;

import java.util.Optional;

/** Which texts every database gives back as they were. */
public final class StoredText {
  private StoredText() {}

  public static boolean isKept(String text) {
    return fault(text).isEmpty();
  }

  /** What in a text no database keeps, and where: for a sentence that begins with whose text it is. */
  public static Optional<String> fault(String text) {
    int nul = text.indexOf('\0');
    return nul < 0 ? half(text) : Optional.of("has a NUL at character %d".formatted(nul));
  }

  /** The same of what is no text at all, and so has no bytes: half of a surrogate pair. */
  public static Optional<String> half(String text) {
    for (int i = 0; i < text.length(); i++) {
      char one = text.charAt(i);
      if (Character.isSurrogate(one)) {
        if (i + 1 == text.length() || !Character.isSurrogatePair(one, text.charAt(i + 1))) {
          return Optional.of("has half a surrogate pair at character %d".formatted(i));
        }
        i++;
      }
    }
    return Optional.empty();
  }
}
