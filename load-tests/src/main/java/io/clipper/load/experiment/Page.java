package io.clipper.load.experiment;

import io.clipper.node.plot.Plot;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;

/** A page that people wrote around one block which a run measures, and the picture beside it. */
final class Page {
  private static final String BEGIN = "<!-- measured -->\n";
  private static final String END = "<!-- /measured -->\n";

  private final Path file;
  private final Path picture;

  Page(Path folder, String name) {
    file = folder.resolve(name + ".md");
    picture = folder.resolve(name + ".svg");
  }

  /** Replaces the block by these lines, and the picture. */
  void show(List<String> lines, List<Plot.Panel> panels) throws IOException {
    Files.writeString(file, with(Files.readString(file), lines));
    Files.writeString(picture, Plot.svg(panels));
  }

  static String with(String page, List<String> lines) throws IOException {
    int begin = page.indexOf(BEGIN);
    int end = page.indexOf(END);
    if (begin < 0 || end < begin) {
      throw new IOException("the page has no block between %s and %s".formatted(BEGIN.strip(), END.strip()));
    }
    return page.substring(0, begin + BEGIN.length()) + "\n" + String.join("\n", lines) + "\n\n" + page.substring(end);
  }

  /** A row of a table; a rule goes under the first. */
  static String row(List<String> cells) {
    return cells.stream().collect(Collectors.joining(" | ", "| ", " |"));
  }

  static String rule(int columns) {
    return "|" + "---|".repeat(columns);
  }

  static String percent(double share) {
    return String.format(Locale.ROOT, "%.1f %%", 100 * share);
  }

  static String number(double value) {
    return String.format(Locale.ROOT, "%.2f", value);
  }
}
