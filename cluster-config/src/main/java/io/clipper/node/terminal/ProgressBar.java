package io.clipper.node.terminal;

import java.util.Locale;

/** A bar of fixed width: how much of a known whole is done. */
public final class ProgressBar {
  private static final int WIDTH = 30;

  private ProgressBar() {}

  public static String of(double share, String words) {
    int full = (int) Math.floor(Math.clamp(share, 0, 1) * WIDTH);
    return String.format(Locale.ROOT, "[%s%s] %3.0f %%  %s", "█".repeat(full), "░".repeat(WIDTH - full), Math.floor(share * 100), words);
  }
}
