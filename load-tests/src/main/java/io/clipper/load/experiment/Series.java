package io.clipper.load.experiment;

import io.clipper.node.plot.Plot.Line;
import java.util.Arrays;
import java.util.stream.IntStream;
import java.util.stream.LongStream;

/** One number after each query, in their order. */
final class Series {
  private static final int POINTS = 200;

  private final double[] values;
  private int size;

  Series(int capacity) {
    values = new double[capacity];
  }

  void add(double value) {
    values[size++] = value;
  }

  void add(boolean happened) {
    add(happened ? 1 : 0);
  }

  int size() {
    return size;
  }

  double at(int index) {
    return values[index];
  }

  double sum(int from, int to) {
    return Arrays.stream(values, from, to).sum();
  }

  double mean(int from, int to) {
    return sum(from, to) / (to - from);
  }

  /** The greatest mean of so many in a row, within these. */
  double worst(int window, int from, int to) {
    double worst = 0;
    double sum = 0;
    for (int i = from; i < to; i++) {
      sum += values[i] - (i - from >= window ? values[i - window] : 0);
      worst = i - from >= window - 1 ? Math.max(worst, sum / window) : worst;
    }
    return worst;
  }

  Series accumulated() {
    Series accumulated = new Series(size);
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += values[i];
      accumulated.add(sum);
    }
    return accumulated;
  }

  /** The mean of the latest, as many as there are at first. */
  Series moving(int window) {
    Series moving = new Series(size);
    double sum = 0;
    for (int i = 0; i < size; i++) {
      sum += values[i] - (i >= window ? values[i - window] : 0);
      moving.add(sum / Math.min(i + 1, window));
    }
    return moving;
  }

  /** To be drawn. */
  Line line(String name) {
    long[] at = LongStream.rangeClosed(1, POINTS).map(point -> point * size / POINTS).filter(place -> place > 0).distinct().toArray();
    return new Line(
        name,
        Arrays.stream(at).boxed().toList(),
        IntStream.range(0, at.length).mapToObj(i -> values[(int) at[i] - 1]).toList());
  }
}
