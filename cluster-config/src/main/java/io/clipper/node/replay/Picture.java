package io.clipper.node.replay;

import io.clipper.node.plot.Plot;
import io.clipper.node.plot.Plot.Line;
import io.clipper.node.plot.Plot.Panel;
import io.clipper.node.replay.Course.Moment;
import java.util.ArrayList;
import java.util.List;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** Courses as an SVG: mean loss and regret of all policies, and below them each policy's weights. */
public final class Picture {
  private Picture() {}

  public static String svg(List<Course> courses) {
    List<Panel> panels = new ArrayList<>();
    panels.add(panel("mean loss so far", courses.stream().map(course -> line(PolicyText.of(course.policy()), course, Moment::meanLoss)).toList()));
    panels.add(panel("regret", courses.stream().map(course -> line(PolicyText.of(course.policy()), course, Moment::regret)).toList()));
    for (Course course : courses) {
      List<Line> weights =
          IntStream.range(0, course.models().size())
              .mapToObj(model -> line(course.models().get(model).toString(), course, moment -> moment.weights().get(model)))
              .toList();
      panels.add(panel("weights of " + PolicyText.of(course.policy()), weights));
    }
    return Plot.svg(panels);
  }

  private static Panel panel(String title, List<Line> lines) {
    return new Panel(title, "queries", lines, List.of());
  }

  private static Line line(String name, Course course, ToDoubleFunction<Moment> value) {
    return new Line(
        name, course.moments().stream().map(Moment::queries).toList(), course.moments().stream().map(value::applyAsDouble).toList());
  }
}
