package io.clipper.catalog;

import java.util.Set;

/** The rules for names of applications, models, versions and labels. */
final class Names {
  /** The first parts of paths that the server has for itself. */
  private static final Set<String> RESERVED = Set.of("v1", "v2", "admin", "metrics", "health", "ping", "invocations", "openapi.json");

  /** A name is part of a persistence id, for which the journal has room for 255. */
  private static final int LONGEST = 128;

  private static final String GROUPING = ",:";
  private static final String PROHIBITED = "/@" + GROUPING;

  private Names() {}

  static void checkApplication(String name) {
    checkName("application name", name);
    if (RESERVED.contains(name)) {
      throw new IllegalArgumentException("application name '%s' is reserved".formatted(name));
    }
  }

  static void checkVersion(ModelVersion version) {
    checkGrouping("model name", version.id().name());
    checkGrouping("model version", version.id().version());
    version.labels().forEach(label -> checkGrouping("label", label));
    checkName("model name", version.id().name());
    checkName("model version", version.id().version());
  }

  private static void checkGrouping(String what, String text) {
    if (text.chars().anyMatch(character -> GROUPING.indexOf(character) >= 0)) {
      throw new IllegalArgumentException("Invalid %s supplied: %s. Contains one of: ',', ':'".formatted(what, text));
    }
  }

  private static void checkName(String what, String name) {
    if (name.isEmpty()) {
      throw new IllegalArgumentException("%s is empty".formatted(what));
    }
    if (name.length() > LONGEST) {
      throw new IllegalArgumentException("%s of %d characters is longer than %d".formatted(what, name.length(), LONGEST));
    }
    if (name.equals(".") || name.equals("..") || name.codePoints().anyMatch(Names::isProhibited)) {
      throw new IllegalArgumentException(
          "%s '%s' is not allowed: it is '.' or '..', or has white space, a control character or one of / , : @".formatted(what, name));
    }
  }

  private static boolean isProhibited(int codePoint) {
    return PROHIBITED.indexOf(codePoint) >= 0
        || Character.isWhitespace(codePoint)
        || Character.isSpaceChar(codePoint)
        || switch (Character.getType(codePoint)) {
          case Character.CONTROL, Character.FORMAT, Character.SURROGATE -> true;
          default -> false;
        };
  }
}
