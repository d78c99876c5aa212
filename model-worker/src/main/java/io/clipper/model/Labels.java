package io.clipper.model;

import java.math.BigInteger;
import java.util.OptionalDouble;
import java.util.regex.Pattern;

/**
 * Labels in the one form in which they are compared: a number that is whole has no decimal point, so that {@code 3}, {@code 3.0} and
 * {@code "3"} are the same class whether they come from a model or from a client.
 */
public final class Labels {
  private static final Pattern DECIMAL = Pattern.compile("-?([0-9]+(\\.[0-9]+)?|\\.[0-9]+)([eE][+-]?[0-9]+)?");

  /** Longer than any double or long is written. */
  private static final int LONGEST = 24;

  /** The magnitude from which on a double is no long. */
  private static final double BEYOND_LONG = 0x1p63;

  private Labels() {}

  public static String canonical(double number) {
    return number == Math.rint(number) && Math.abs(number) < BEYOND_LONG ? Long.toString((long) number) : Double.toString(number);
  }

  /** A text that is a number has the number's form, whole ones with every digit; any other stays as it is. */
  public static String canonical(String text) {
    String trimmed = text.strip();
    if (!isDecimal(trimmed)) {
      return text;
    }
    return isWhole(trimmed) ? new BigInteger(trimmed).toString() : canonical(Double.parseDouble(trimmed));
  }

  /** The number that a text is written as: digits, a sign, a point, an exponent, and nothing else that Java would read. */
  static OptionalDouble number(String text) {
    String trimmed = text.strip();
    return isDecimal(trimmed) ? OptionalDouble.of(Double.parseDouble(trimmed)) : OptionalDouble.empty();
  }

  private static boolean isDecimal(String text) {
    return !text.isEmpty() && text.length() <= LONGEST && isDigit(text.charAt(text.length() - 1)) && DECIMAL.matcher(text).matches();
  }

  private static boolean isWhole(String text) {
    return text.chars().skip(text.charAt(0) == '-' ? 1 : 0).allMatch(character -> isDigit((char) character));
  }

  private static boolean isDigit(char character) {
    return character >= '0' && character <= '9';
  }
}
