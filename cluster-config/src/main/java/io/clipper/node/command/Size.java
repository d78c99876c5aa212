package io.clipper.node.command;

import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** An amount of memory as people write it: {@code 512m}, {@code 2g}, {@code 1.5GiB}; a power of 1024 whatever the letters behind. */
record Size(long bytes) {
  private static final Pattern WRITTEN = Pattern.compile("([0-9]{1,9}(?:\\.[0-9]{1,6})?)\\s*([kmgt]?)(?:i?b)?", Pattern.CASE_INSENSITIVE);
  private static final String POWERS = "kmgt";
  /** Less than any process takes: a letter was left out. */
  private static final long LEAST_BYTES = 1 << 20;

  static Size parse(String text) {
    Matcher parts = WRITTEN.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("'%s' is not a size such as 512m or 2g".formatted(text));
    }
    String letter = parts.group(2).toLowerCase(Locale.ROOT);
    int power = letter.isEmpty() ? 0 : POWERS.indexOf(letter) + 1;
    long bytes = Math.round(Double.parseDouble(parts.group(1)) * (1L << (10 * power)));
    if (bytes < LEAST_BYTES) {
      throw new IllegalArgumentException("'%s' is %d bytes, less than any process takes: write 512m or 2g".formatted(text, bytes));
    }
    return new Size(bytes);
  }
}
