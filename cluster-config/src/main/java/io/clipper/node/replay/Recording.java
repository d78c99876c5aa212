package io.clipper.node.replay;

import io.clipper.model.Labels;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.node.file.Csv;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** What each of some models answered to queries of which it is known how far each was right. */
public record Recording(List<ModelId> models, List<Query> queries) {
  /**
   * One query.
   *
   * @param outputs of the models, in their order; empty where one gave nothing
   */
  public record Query(List<Optional<Output>> outputs, Truth truth) {
    public Query {
      outputs = List.copyOf(outputs);
    }
  }

  /** What answers are judged by. */
  public sealed interface Truth {
    /** @param label in its canonical form */
    record Label(String label) implements Truth {}

    /** @param losses what each model lost, in their order, 0..1 */
    record Losses(List<Double> losses) implements Truth {
      public Losses {
        losses = List.copyOf(losses);
      }
    }
  }

  public Recording {
    models = List.copyOf(models);
    queries = List.copyOf(queries);
  }

  /**
   * From a CSV file whose first line names the columns: one is the label, each other one is a model's answers, and an empty cell is no
   * answer. Throws {@link IllegalArgumentException} that says what is wrong, and in which line.
   */
  public static Recording of(Iterator<String> lines, String labelColumn) {
    if (!lines.hasNext()) {
      throw new IllegalArgumentException("the file is empty: its first line names the columns");
    }
    List<String> heading = Csv.cells(lines.next());
    int label = heading.indexOf(labelColumn);
    if (label < 0) {
      throw new IllegalArgumentException("no column '%s' among %s".formatted(labelColumn, String.join(", ", heading)));
    }
    List<ModelId> models = new ArrayList<>();
    for (int column = 0; column < heading.size(); column++) {
      if (column != label) {
        models.add(model(heading.get(column), models));
      }
    }
    if (models.isEmpty()) {
      throw new IllegalArgumentException("no column beside '%s': each other one is a model's answers".formatted(labelColumn));
    }
    List<Query> queries = new ArrayList<>();
    for (int line = 2; lines.hasNext(); line++) {
      List<String> cells = Csv.cells(lines.next());
      if (cells.size() != heading.size()) {
        throw new IllegalArgumentException("line %d has %d columns instead of %d".formatted(line, cells.size(), heading.size()));
      }
      queries.add(query(cells, label, line));
    }
    if (queries.isEmpty()) {
      throw new IllegalArgumentException("there is no line below the heading");
    }
    return new Recording(models, queries);
  }

  private static ModelId model(String name, List<ModelId> known) {
    ModelId model = name.contains(":") ? ModelId.parse(name) : new ModelId(name, "1");
    if (known.contains(model)) {
      throw new IllegalArgumentException("column '%s' is there twice".formatted(name));
    }
    return model;
  }

  private static Query query(List<String> cells, int label, int line) {
    if (cells.get(label).isEmpty()) {
      throw new IllegalArgumentException("line %d has no label".formatted(line));
    }
    List<Optional<Output>> outputs = new ArrayList<>(cells.size() - 1);
    for (int column = 0; column < cells.size(); column++) {
      if (column != label) {
        outputs.add(Optional.of(cells.get(column)).filter(cell -> !cell.isEmpty()).map(Output::of));
      }
    }
    return new Query(outputs, new Truth.Label(Labels.canonical(cells.get(label))));
  }
}
