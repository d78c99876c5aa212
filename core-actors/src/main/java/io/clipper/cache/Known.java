package io.clipper.cache;

import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** What model versions said of one input. Immutable, and read from first to last: an input is asked of a handful of versions. */
public final class Known {
  static final Known NOTHING = new Known(new ModelId[0], new Output[0]);

  private final ModelId[] models;
  private final Output[] outputs;

  private Known(ModelId[] models, Output[] outputs) {
    this.models = models;
    this.outputs = outputs;
  }

  static Known of(ModelId model, Output output) {
    return new Known(new ModelId[] {model}, new Output[] {output});
  }

  /** What that version said. */
  public Optional<Output> by(ModelId model) {
    int index = indexOf(model);
    return index < 0 ? Optional.empty() : Optional.of(outputs[index]);
  }

  public boolean isEmpty() {
    return models.length == 0;
  }

  public int size() {
    return models.length;
  }

  /** A copy, in the order in which the answers came. */
  public Map<ModelId, Output> asMap() {
    Map<ModelId, Output> map = new LinkedHashMap<>();
    for (int i = 0; i < models.length; i++) {
      map.put(models[i], outputs[i]);
    }
    return map;
  }

  /** Both; where both know a version, what the other says of it. */
  Known and(Known other) {
    Known both = this;
    for (int i = 0; i < other.models.length; i++) {
      both = both.with(other.models[i], other.outputs[i]);
    }
    return both;
  }

  /** The outputs' own bytes and {@code overheadBytes} for each of them. */
  long sizeInBytes(int overheadBytes) {
    long size = 0;
    for (Output output : outputs) {
      size += output.sizeInBytes() + overheadBytes;
    }
    return size;
  }

  private Known with(ModelId model, Output output) {
    int index = indexOf(model);
    int size = index < 0 ? models.length + 1 : models.length;
    int at = index < 0 ? models.length : index;
    ModelId[] newModels = Arrays.copyOf(models, size);
    Output[] newOutputs = Arrays.copyOf(outputs, size);
    newModels[at] = model;
    newOutputs[at] = output;
    return new Known(newModels, newOutputs);
  }

  private int indexOf(ModelId model) {
    for (int i = 0; i < models.length; i++) {
      if (models[i].equals(model)) {
        return i;
      }
    }
    return -1;
  }
}
