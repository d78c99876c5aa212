package io.clipper.node.replay;

import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.Outcome;
import io.clipper.model.Labels;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.selection.Features;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** What each of some models answered to queries whose labels are known, in the order in which the labels came. */
public record Recording(List<ModelId> models, List<Query> queries) {
  /**
   * One query.
   *
   * @param outcomes of the models, in their order
   * @param label in its canonical form
   */
  public record Query(Optional<String> context, Features features, List<Outcome> outcomes, String label) {
    public Query {
      outcomes = List.copyOf(outcomes);
    }

    /** What a model answered in time. */
    Optional<Output> inTime(int model) {
      return outcomes.get(model) instanceof Gave gave && !gave.late() ? Optional.of(gave.output()) : Optional.empty();
    }
  }

  public Recording {
    models = List.copyOf(models);
    queries = List.copyOf(queries);
  }

  /**
   * From a CSV file whose first line names the columns: one is the label, some may be the context and features, each other one is a
   * model's answers, and an empty cell is no answer. Throws {@link IllegalArgumentException} that says what is wrong, and in which line.
   */
  public static Recording of(Iterator<String> lines, Columns columns) {
    Rows rows = Rows.of(lines, columns);
    int label = rows.column(columns.label());
    List<Integer> answers = rows.others(List.of(columns.label()));
    if (answers.isEmpty()) {
      throw new IllegalArgumentException("no column beside '%s': each other one is a model's answers".formatted(columns.label()));
    }
    List<ModelId> models = new ArrayList<>();
    for (int column : answers) {
      ModelId model = rows.model(rows.heading().get(column));
      if (models.contains(model)) {
        throw new IllegalArgumentException("column '%s' is there twice".formatted(rows.heading().get(column)));
      }
      models.add(model);
    }
    List<Query> queries = new ArrayList<>();
    rows.each(
        row -> {
          if (row.cell(label).isEmpty()) {
            throw new IllegalArgumentException("line %d has no label".formatted(row.line()));
          }
          List<Outcome> outcomes = answers.stream().map(column -> outcome(row.cell(column))).toList();
          queries.add(new Query(row.context(), row.features(), outcomes, Labels.canonical(row.cell(label))));
        });
    return new Recording(models, queries);
  }

  private static Outcome outcome(String cell) {
    return cell.isEmpty() ? new Missing() : new Gave(Output.of(cell), false);
  }
}
