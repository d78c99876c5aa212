package io.clipper.node.plot;

import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** Panels of lines as an SVG, two panels in a row. */
public final class Plot {
  /** Told apart by those who see few colours (Okabe and Ito), then what is left. */
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999");

  private static final int WIDTH = 460;
  private static final int HEIGHT = 220;
  private static final int LEFT = 60;
  private static final int TOP = 30;
  private static final int NAMES = 130;
  private static final int PANEL = LEFT + WIDTH + NAMES;

  /**
   * One value that changes.
   *
   * @param at where each value was taken, in ascending order
   */
  public record Line(String name, List<Long> at, List<Double> values) {
    public Line {
      at = List.copyOf(at);
      values = List.copyOf(values);
      if (at.size() != values.size()) {
        throw new IllegalArgumentException("line %s has %d places and %d values".formatted(name, at.size(), values.size()));
      }
    }
  }

  /** Something that happened at one place, drawn across all lines. */
  public record Mark(String name, long at) {}

  /**
   * Lines over one axis.
   *
   * @param unit what the axis counts
   */
  public record Panel(String title, String unit, List<Line> lines, List<Mark> marks) {
    public Panel {
      lines = List.copyOf(lines);
      marks = List.copyOf(marks);
    }
  }

  private Plot() {}

  public static String svg(List<Panel> panels) {
    int rows = (panels.size() + 1) / 2;
    StringBuilder svg = new StringBuilder();
    svg.append(
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">\n",
            Math.min(panels.size(), 2) * PANEL,
            rows * (HEIGHT + 2 * TOP)));
    svg.append("<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n");
    for (int place = 0; place < panels.size(); place++) {
      svg.append(String.format(Locale.ROOT, "<g transform=\"translate(%d,%d)\">\n", LEFT + place % 2 * PANEL, TOP + place / 2 * (HEIGHT + 2 * TOP)));
      draw(panels.get(place), svg);
      svg.append("</g>\n");
    }
    return svg.append("</svg>\n").toString();
  }

  private static void draw(Panel panel, StringBuilder svg) {
    double low = Math.min(0, values(panel).mapToDouble(Double::doubleValue).min().orElse(0));
    double high = Math.max(low + 1e-9, values(panel).mapToDouble(Double::doubleValue).max().orElse(1));
    long last = panel.lines().stream().flatMap(line -> line.at().stream()).mapToLong(Long::longValue).max().orElse(1);
    svg.append(String.format(Locale.ROOT, "<text x=\"0\" y=\"-8\" font-weight=\"bold\">%s</text>\n", escaped(panel.title())));
    svg.append(String.format(Locale.ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#cccccc\"/>\n", WIDTH, HEIGHT));
    svg.append(String.format(Locale.ROOT, "<text x=\"-6\" y=\"10\" text-anchor=\"end\">%.4g</text>\n", high));
    svg.append(String.format(Locale.ROOT, "<text x=\"-6\" y=\"%d\" text-anchor=\"end\">%.4g</text>\n", HEIGHT, low));
    svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d %s</text>\n", WIDTH, HEIGHT + 16, last, escaped(panel.unit())));
    for (Mark mark : panel.marks()) {
      double x = (double) mark.at() / last * WIDTH;
      svg.append(String.format(Locale.ROOT, "<line x1=\"%.1f\" y1=\"0\" x2=\"%.1f\" y2=\"%d\" stroke=\"#999999\" stroke-dasharray=\"4 3\"/>\n", x, x, HEIGHT));
      svg.append(String.format(Locale.ROOT, "<text x=\"%.1f\" y=\"%d\" text-anchor=\"middle\" fill=\"#666666\">%s</text>\n", x, HEIGHT + 16, escaped(mark.name())));
    }
    for (int i = 0; i < panel.lines().size(); i++) {
      Line line = panel.lines().get(i);
      String colour = COLOURS.get(i % COLOURS.size());
      StringBuilder points = new StringBuilder();
      for (int point = 0; point < line.at().size(); point++) {
        double x = (double) line.at().get(point) / last * WIDTH;
        double y = HEIGHT - (line.values().get(point) - low) / (high - low) * HEIGHT;
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
      }
      svg.append(String.format(Locale.ROOT, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"%s\"/>\n", colour, points.toString().strip()));
      svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>\n", WIDTH + 8, 12 + 14 * i, colour, escaped(line.name())));
    }
  }

  private static Stream<Double> values(Panel panel) {
    return panel.lines().stream().flatMap(line -> line.values().stream());
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
