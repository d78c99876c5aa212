package io.clipper.node.replay;

import io.clipper.model.ModelId;
import io.clipper.node.file.Csv;
import io.clipper.selection.Features;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** The lines of a recorded file below its heading, read once. */
final class Rows {
  /** One line. */
  record Row(int line, List<String> cells, Optional<String> context, Features features) {
    String cell(int column) {
      return cells.get(column);
    }

    double number(int column) {
      return Rows.number(cells.get(column), line);
    }
  }

  private final List<String> heading;
  private final Iterator<String> lines;
  private final Optional<Integer> context;
  private final List<Integer> features;

  private Rows(List<String> heading, Iterator<String> lines, Columns columns) {
    this.heading = heading;
    this.lines = lines;
    this.context = columns.context().map(this::column);
    this.features = columns.features().stream().map(this::column).toList();
  }

  static Rows of(Iterator<String> lines, Columns columns) {
    if (!lines.hasNext()) {
      throw new IllegalArgumentException("the file is empty: its first line names the columns");
    }
    return new Rows(Csv.cells(lines.next()), lines, columns);
  }

  List<String> heading() {
    return heading;
  }

  int column(String name) {
    int column = heading.indexOf(name);
    if (column < 0) {
      throw new IllegalArgumentException("no column '%s' among %s".formatted(name, String.join(", ", heading)));
    }
    return column;
  }

  /** The columns that are neither these, nor the context, nor features. */
  List<Integer> others(List<String> named) {
    return IntStream.range(0, heading.size())
        .filter(column -> !named.contains(heading.get(column)) && !context.equals(Optional.of(column)) && !features.contains(column))
        .boxed()
        .toList();
  }

  /** {@code NAME} is its version 1. */
  ModelId model(String name) {
    return name.contains(":") ? ModelId.parse(name) : new ModelId(name, "1");
  }

  void each(Consumer<Row> taker) {
    if (!lines.hasNext()) {
      throw new IllegalArgumentException("there is no line below the heading");
    }
    for (int line = 2; lines.hasNext(); line++) {
      List<String> cells = Csv.cells(lines.next());
      if (cells.size() != heading.size()) {
        throw new IllegalArgumentException("line %d has %d columns instead of %d".formatted(line, cells.size(), heading.size()));
      }
      int here = line;
      Features given = Features.of(features.stream().mapToDouble(column -> number(cells.get(column), here)).toArray());
      taker.accept(new Row(line, cells, context.map(cells::get).filter(cell -> !cell.isEmpty()), given));
    }
  }

  private static double number(String cell, int line) {
    try {
      return Double.parseDouble(cell);
    } catch (NumberFormatException notOne) {
      throw new IllegalArgumentException("line %d has '%s' where a number is to be".formatted(line, cell), notOne);
    }
  }
}
