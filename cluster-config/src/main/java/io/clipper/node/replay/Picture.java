package io.clipper.node.replay;

import io.clipper.node.replay.Course.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Courses as an SVG: mean loss and regret of all policies, and below them each policy's weights. */
public final class Picture {
  private static final List<String> COLOURS =
      List.of("#0072b2", "#d55e00", "#009e73", "#cc79a7", "#e69f00", "#56b4e9", "#000000", "#999999");
  private static final int WIDTH = 460;
  private static final int HEIGHT = 220;
  private static final int LEFT = 60;
  private static final int TOP = 30;
  private static final int NAMES = 130;
  private static final int PANEL = LEFT + WIDTH + NAMES;

  private record Line(String name, List<Long> at, List<Double> values) {}

  private Picture() {}

  public static String svg(List<Course> courses) {
    List<String> panels = new ArrayList<>();
    panels.add(panel("mean loss so far", courses.stream().map(course -> line(course, Moment::meanLoss)).toList(), 0));
    panels.add(panel("regret", courses.stream().map(course -> line(course, Moment::regret)).toList(), 1));
    for (Course course : courses) {
      List<Line> weights =
          IntStream.range(0, course.models().size())
              .mapToObj(model -> line(course.models().get(model).toString(), course, moment -> moment.weights().get(model)))
              .toList();
      panels.add(panel("weights of " + course.policy(), weights, panels.size()));
    }
    int rows = (panels.size() + 1) / 2;
    String head =
        String.format(
            Locale.ROOT,
            "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"%d\" height=\"%d\" font-family=\"sans-serif\" font-size=\"11\">%n",
            2 * PANEL,
            rows * (HEIGHT + 2 * TOP));
    return head + "<rect width=\"100%\" height=\"100%\" fill=\"white\"/>\n" + String.join("", panels) + "</svg>\n";
  }

  private static Line line(Course course, ToDoubleFunction<Moment> value) {
    return line(course.policy(), course, value);
  }

  private static Line line(String name, Course course, ToDoubleFunction<Moment> value) {
    return new Line(
        name, course.moments().stream().map(Moment::queries).toList(), course.moments().stream().map(value::applyAsDouble).toList());
  }

  private static String panel(String title, List<Line> lines, int place) {
    double least = lines.stream().flatMap(line -> line.values().stream()).mapToDouble(Double::doubleValue).min().orElse(0);
    double low = Math.min(0, least);
    double high = Math.max(low + 1e-9, lines.stream().flatMap(line -> line.values().stream()).mapToDouble(Double::doubleValue).max().orElse(1));
    long last = lines.stream().flatMap(line -> line.at().stream()).mapToLong(Long::longValue).max().orElse(1);
    StringBuilder svg = new StringBuilder();
    svg.append(String.format(Locale.ROOT, "<g transform=\"translate(%d,%d)\">%n", LEFT + place % 2 * PANEL, TOP + place / 2 * (HEIGHT + 2 * TOP)));
    svg.append(String.format(Locale.ROOT, "<text x=\"0\" y=\"-8\" font-weight=\"bold\">%s</text>%n", escaped(title)));
    svg.append(String.format(Locale.ROOT, "<rect width=\"%d\" height=\"%d\" fill=\"none\" stroke=\"#cccccc\"/>%n", WIDTH, HEIGHT));
    svg.append(String.format(Locale.ROOT, "<text x=\"-6\" y=\"10\" text-anchor=\"end\">%.4g</text>%n", high));
    svg.append(String.format(Locale.ROOT, "<text x=\"-6\" y=\"%d\" text-anchor=\"end\">%.4g</text>%n", HEIGHT, low));
    svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" text-anchor=\"end\">%d queries</text>%n", WIDTH, HEIGHT + 16, last));
    for (int i = 0; i < lines.size(); i++) {
      Line line = lines.get(i);
      String colour = COLOURS.get(i % COLOURS.size());
      StringBuilder points = new StringBuilder();
      for (int point = 0; point < line.at().size(); point++) {
        double x = (double) line.at().get(point) / last * WIDTH;
        double y = HEIGHT - (line.values().get(point) - low) / (high - low) * HEIGHT;
        points.append(String.format(Locale.ROOT, "%.1f,%.1f ", x, y));
      }
      svg.append(String.format(Locale.ROOT, "<polyline fill=\"none\" stroke=\"%s\" stroke-width=\"1.5\" points=\"%s\"/>%n", colour, points.toString().strip()));
      svg.append(String.format(Locale.ROOT, "<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>%n", WIDTH + 8, 12 + 14 * i, colour, escaped(line.name())));
    }
    return svg.append("</g>\n").toString();
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;");
  }
}
