package io.clipper.node.file;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** The rows of a CSV file with a heading, read as they are asked for. One column may be the true answer, the others are the input. */
public final class Rows implements Iterator<Rows.Row> {
  private final Iterator<String> lines;
  private final int columns;
  private final int labelColumn;
  private int line = 1;

  /** One row; {@code line} counts from 1, and the heading is the first. */
  public record Row(int line, List<String> values, Optional<String> label) {
    public Row {
      values = List.copyOf(values);
    }
  }

  public Rows(Iterator<String> lines, Optional<String> label) {
    if (!lines.hasNext()) {
      throw new IllegalArgumentException("the file is empty: its first line names the columns");
    }
    List<String> heading = Csv.cells(lines.next());
    this.lines = lines;
    this.columns = heading.size();
    this.labelColumn = label.map(heading::indexOf).orElse(-1);
    if (label.isPresent() && labelColumn < 0) {
      throw new IllegalArgumentException("no column '%s' among %s".formatted(label.get(), String.join(", ", heading)));
    }
  }

  @Override
  public boolean hasNext() {
    return lines.hasNext();
  }

  @Override
  public Row next() {
    line++;
    List<String> cells = Csv.cells(lines.next());
    if (cells.size() != columns) {
      throw new IllegalArgumentException("line %d has %d columns instead of %d".formatted(line, cells.size(), columns));
    }
    List<String> values = new ArrayList<>(cells);
    Optional<String> label = labelColumn < 0 ? Optional.empty() : Optional.of(values.remove(labelColumn));
    return new Row(line, values, label);
  }
}
