package io.clipper.node.replay;

import io.clipper.node.replay.Course.Moment;
import io.clipper.node.terminal.Table;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** A course as a table: error, regret and weights at some places along the way, the last at the end. */
public final class Curves {
  private static final int PLACES = 8;

  private Curves() {}

  public static Table table(Course course) {
    List<String> heading = new ArrayList<>(List.of(PolicyText.of(course.policy()), "mean loss", "regret"));
    course.models().forEach(model -> heading.add(model.toString()));
    Table table = new Table(heading.toArray(String[]::new));
    List<Moment> moments = course.moments();
    int places = Math.min(PLACES, moments.size());
    for (int place = 1; place <= places; place++) {
      Moment moment = moments.get(place * moments.size() / places - 1);
      List<String> row = new ArrayList<>();
      row.add(Long.toString(moment.queries()));
      row.add(String.format(Locale.ROOT, "%.4f", moment.meanLoss()));
      row.add(String.format(Locale.ROOT, "%.1f", moment.regret()));
      moment.weights().forEach(weight -> row.add(String.format(Locale.ROOT, "%.3f", weight)));
      table.row(row.toArray(String[]::new));
    }
    return table;
  }
}
