package io.clipper.gateway.oip;

/** Where in the body of a {@code :predict} the reading stands: there may be millions of places, and words are made for the one that is wrong. */
final class PredictPlace {
  static final long NO_ROW = -1;

  private final String key;
  private final boolean byRow;
  private long row = NO_ROW;
  private String name = "";

  private PredictPlace(String key, boolean byRow) {
    this.key = key;
    this.byRow = byRow;
  }

  /** @param key under which the rows stand */
  static PredictPlace rows(String key) {
    return new PredictPlace(key, true);
  }

  static PredictPlace columns() {
    return new PredictPlace("inputs", false);
  }

  PredictPlace row(long number) {
    row = number;
    return this;
  }

  /** @param input empty text: of none */
  PredictPlace of(String input) {
    name = input;
    return this;
  }

  @Override
  public String toString() {
    String number = row == NO_ROW ? "" : "[%d]".formatted(row);
    String named = name.isEmpty() ? "" : "." + name;
    return byRow ? key + number + named : key + named + number;
  }
}
