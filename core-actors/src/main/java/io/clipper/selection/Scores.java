package io.clipper.selection;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** One number for each model, in the order in which they were admitted: an immutable value. Successors share the models' array. */
public final class Scores {
  public static final Scores NONE = new Scores(new ModelId[0], new double[0]);

  private final ModelId[] models;
  private final double[] values;

  private Scores(ModelId[] models, double[] values) {
    this.models = models;
    this.values = values;
  }

  /** A model's number. */
  public record Score(ModelId model, double value) {}

  /** Written as its list: Pekko would look for an object with a field of the one parameter's name. */
  @JsonCreator(mode = JsonCreator.Mode.DELEGATING)
  public static Scores of(List<Score> scores) {
    ModelId[] models = new ModelId[scores.size()];
    double[] values = new double[scores.size()];
    for (int i = 0; i < models.length; i++) {
      models[i] = scores.get(i).model();
      values[i] = scores.get(i).value();
    }
    return new Scores(models, values);
  }

  @JsonValue
  public List<Score> toList() {
    List<Score> scores = new ArrayList<>(models.length);
    for (int i = 0; i < models.length; i++) {
      scores.add(new Score(models[i], values[i]));
    }
    return scores;
  }

  public int size() {
    return models.length;
  }

  /** A copy. */
  public double[] values() {
    return values.clone();
  }

  /** Whether all of these are there. */
  public boolean knows(List<ModelId> wanted) {
    int index = -1;
    for (int i = 0; i < wanted.size(); i++) {
      index = find(wanted.get(i), index + 1);
      if (index < 0) {
        return false;
      }
    }
    return true;
  }

  /** −1 for a model that is not there. */
  private int find(ModelId model, int expected) {
    return expected < models.length && models[expected].equals(model) ? expected : search(model);
  }

  /** From the newest, which are the candidates. Apart from the first look, which is made dozens of times a step and is inlined while it is short. */
  private int search(ModelId model) {
    for (int i = models.length - 1; i >= 0; i--) {
      if (models[i].equals(model)) {
        return i;
      }
    }
    return -1;
  }

  /** Where the model is, quickest where it is expected; throws {@link IllegalArgumentException} if it was not admitted. */
  public int indexOf(ModelId model, int expected) {
    int index = find(model, expected);
    if (index < 0) {
      throw new IllegalArgumentException("%s was not admitted".formatted(model));
    }
    return index;
  }

  public int[] indexesOf(List<ModelId> wanted) {
    int[] indexes = new int[wanted.size()];
    int index = -1;
    for (int i = 0; i < indexes.length; i++) {
      index = indexOf(wanted.get(i), index + 1);
      indexes[i] = index;
    }
    return indexes;
  }

  public double at(int index) {
    return values[index];
  }

  double[] valuesOf(List<ModelId> wanted) {
    return valuesAt(indexesOf(wanted));
  }

  double[] valuesAt(int[] indexes) {
    double[] picked = new double[indexes.length];
    for (int i = 0; i < picked.length; i++) {
      picked[i] = values[indexes[i]];
    }
    return picked;
  }

  /** The numbers of these models, or of all that are there if none is given. */
  double[] ofPeers(List<ModelId> peers) {
    return peers.isEmpty() ? values() : valuesOf(peers);
  }

  public Scores with(ModelId model, double value) {
    ModelId[] moreModels = Arrays.copyOf(models, models.length + 1);
    double[] moreValues = Arrays.copyOf(values, values.length + 1);
    moreModels[models.length] = model;
    moreValues[values.length] = value;
    return new Scores(moreModels, moreValues);
  }

  /** The other's numbers times a factor added; a model that one of them lacks has 0 there. */
  Scores plus(Scores other, double factor) {
    Scores sum = this;
    for (ModelId model : other.models) {
      if (find(model, 0) < 0) {
        sum = sum.with(model, 0);
      }
    }
    double[] next = sum.values();
    for (int i = 0; i < other.models.length; i++) {
      next[sum.indexOf(other.models[i], i)] += factor * other.values[i];
    }
    return sum.withValues(next);
  }

  public Scores without(ModelId model) {
    return of(toList().stream().filter(score -> !score.model().equals(model)).toList());
  }

  /** The same models with these numbers, which the caller no longer changes. */
  Scores withValues(double[] newValues) {
    return new Scores(models, newValues);
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Scores that && Arrays.equals(models, that.models) && Arrays.equals(values, that.values);
  }

  @Override
  public int hashCode() {
    return Arrays.hashCode(models) * 31 + Arrays.hashCode(values);
  }

  @Override
  public String toString() {
    return toList().toString();
  }
}
