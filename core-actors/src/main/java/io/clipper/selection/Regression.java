package io.clipper.selection;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.clipper.model.ModelId;
import java.util.Arrays;

/**
 * A model's loss as a linear function of features: the sums Σ x xᵀ and Σ l x of ridge regression, an immutable value. Rows of different
 * length go together: a number that is not there is 0.
 */
@JsonAutoDetect(
    fieldVisibility = JsonAutoDetect.Visibility.NONE,
    getterVisibility = JsonAutoDetect.Visibility.NONE,
    isGetterVisibility = JsonAutoDetect.Visibility.NONE)
final class Regression {
  /** A feature of which nothing is known has weight 0, as surely as after one observation of length 1. */
  private static final double RIDGE = 1;

  private final ModelId model;

  /** The rows of the lower triangle, one after the other. */
  private final double[] products;

  private final double[] targets;

  @JsonCreator
  private Regression(
      @JsonProperty("model") ModelId model, @JsonProperty("products") double[] products, @JsonProperty("targets") double[] targets) {
    this.model = model;
    this.products = products;
    this.targets = targets;
  }

  /** The loss to expect at one place, and how far off it may be: θᵀx and √(xᵀA⁻¹x). */
  record Estimate(double loss, double width) {}

  /** One that believes in the prior's mean whatever the features. */
  static Regression of(Prior prior) {
    return new Regression(
        prior.model(), new double[] {prior.observations()}, new double[] {prior.observations() * prior.meanLoss()});
  }

  @JsonProperty("model")
  ModelId model() {
    return model;
  }

  @JsonProperty("products")
  double[] products() {
    return products.clone();
  }

  @JsonProperty("targets")
  double[] targets() {
    return targets.clone();
  }

  Regression after(double[] row, double loss) {
    int size = Math.max(row.length, targets.length);
    double[] nextProducts = Arrays.copyOf(products, triangle(size));
    double[] nextTargets = Arrays.copyOf(targets, size);
    for (int i = 0; i < row.length; i++) {
      for (int j = 0; j <= i; j++) {
        nextProducts[triangle(i) + j] += row[i] * row[j];
      }
      nextTargets[i] += row[i] * loss;
    }
    return new Regression(model, nextProducts, nextTargets);
  }

  Regression plus(Regression other) {
    int size = Math.max(targets.length, other.targets.length);
    double[] sumProducts = Arrays.copyOf(products, triangle(size));
    double[] sumTargets = Arrays.copyOf(targets, size);
    for (int i = 0; i < other.products.length; i++) {
      sumProducts[i] += other.products[i];
    }
    for (int i = 0; i < other.targets.length; i++) {
      sumTargets[i] += other.targets[i];
    }
    return new Regression(model, sumProducts, sumTargets);
  }

  /** By Cholesky's A + ridge = L Lᵀ: with z = L⁻¹x and y = L⁻¹b, θᵀx is z·y and xᵀA⁻¹x is z·z. */
  Estimate at(double[] row) {
    int size = Math.max(row.length, targets.length);
    double[] lower = Arrays.copyOf(products, triangle(size));
    double[] z = Arrays.copyOf(row, size);
    double[] y = Arrays.copyOf(targets, size);
    double loss = 0;
    double square = 0;
    for (int i = 0; i < size; i++) {
      int rowStart = triangle(i);
      lower[rowStart + i] += RIDGE;
      for (int j = 0; j < i; j++) {
        int otherStart = triangle(j);
        double rest = lower[rowStart + j];
        for (int k = 0; k < j; k++) {
          rest -= lower[rowStart + k] * lower[otherStart + k];
        }
        double entry = rest / lower[otherStart + j];
        lower[rowStart + j] = entry;
        lower[rowStart + i] -= entry * entry;
        z[i] -= entry * z[j];
        y[i] -= entry * y[j];
      }
      double pivot = Math.sqrt(Math.max(lower[rowStart + i], Double.MIN_NORMAL));
      lower[rowStart + i] = pivot;
      z[i] /= pivot;
      y[i] /= pivot;
      loss += z[i] * y[i];
      square += z[i] * z[i];
    }
    return new Estimate(loss, Math.sqrt(square));
  }

  private static int triangle(int rows) {
    return rows * (rows + 1) / 2;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Regression that
        && model.equals(that.model)
        && Arrays.equals(products, that.products)
        && Arrays.equals(targets, that.targets);
  }

  @Override
  public int hashCode() {
    return (model.hashCode() * 31 + Arrays.hashCode(products)) * 31 + Arrays.hashCode(targets);
  }

  @Override
  public String toString() {
    return "%s after %s".formatted(model, Arrays.toString(products));
  }
}
