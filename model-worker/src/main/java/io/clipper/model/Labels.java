package io.clipper.model;

/**
 * Labels in the one form in which they are compared: a number that is whole has no decimal point, so that {@code 3}, {@code 3.0} and
 * {@code "3"} are the same class whether they come from a model or from a client.
 */
public final class Labels {
  private static final double LARGEST_EXACT = 1L << 53;

  private Labels() {}

  public static String canonical(double number) {
    return number == Math.rint(number) && Math.abs(number) <= LARGEST_EXACT ? Long.toString((long) number) : Double.toString(number);
  }

  public static String canonical(String text) {
    String trimmed = text.strip();
    if (!looksNumeric(trimmed)) {
      return text;
    }
    try {
      return canonical(Double.parseDouble(trimmed));
    } catch (NumberFormatException notANumber) {
      return text;
    }
  }

  private static boolean looksNumeric(String text) {
    if (text.isEmpty() || text.length() > 24) {
      return false;
    }
    char last = text.charAt(text.length() - 1);
    char first = text.charAt(0);
    return last >= '0' && last <= '9' && (first == '-' || first == '.' || (first >= '0' && first <= '9'));
  }
}
