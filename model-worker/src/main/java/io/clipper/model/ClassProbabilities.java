package io.clipper.model;

import java.util.Arrays;
import java.util.List;

/** The probability a classifier gives each class; classes are labels in their canonical form ({@link Labels#canonical}). */
public final class ClassProbabilities {
  private final List<String> classes;
  private final double[] values;

  /** Throws {@link IllegalArgumentException} if there are not as many values as classes. The array is copied. */
  public ClassProbabilities(List<String> classes, double[] values) {
    if (classes.size() != values.length) {
      throw new IllegalArgumentException("%d classes, %d probabilities".formatted(classes.size(), values.length));
    }
    this.classes = List.copyOf(classes);
    this.values = values.clone();
  }

  public List<String> classes() {
    return classes;
  }

  public int size() {
    return values.length;
  }

  public double at(int index) {
    return values[index];
  }

  /** 0 for a class the model does not know. */
  public double of(String label) {
    int index = classes.indexOf(label);
    return index < 0 ? 0 : values[index];
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof ClassProbabilities that && classes.equals(that.classes) && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return classes.hashCode() * 31 + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return classes + "=" + Arrays.toString(values);
  }
}
