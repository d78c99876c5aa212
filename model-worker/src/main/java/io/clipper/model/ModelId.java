package io.clipper.model;

/** One immutable version of a model. */
public record ModelId(String name, String version) implements Comparable<ModelId> {
  public ModelId {
    if (name.isEmpty() || version.isEmpty()) {
      throw new IllegalArgumentException("a model has a name and a version, not '%s' and '%s'".formatted(name, version));
    }
  }

  /** Reads {@code name:version}. */
  public static ModelId parse(String text) {
    int colon = text.lastIndexOf(':');
    if (colon < 0) {
      throw new IllegalArgumentException("'%s' is not of the form name:version".formatted(text));
    }
    return new ModelId(text.substring(0, colon), text.substring(colon + 1));
  }

  @Override
  public boolean equals(Object other) {
    return this == other || (other instanceof ModelId that && isNamed(that));
  }

  /** By the hash codes first, which strings keep: they tell nearly all models apart without a look at the letters. */
  private boolean isNamed(ModelId that) {
    return hashCode() == that.hashCode() && name.equals(that.name) && version.equals(that.version);
  }

  @Override
  public int hashCode() {
    return 31 * name.hashCode() + version.hashCode();
  }

  @Override
  public int compareTo(ModelId other) {
    int byName = name.compareTo(other.name);
    return byName != 0 ? byName : version.compareTo(other.version);
  }

  @Override
  public String toString() {
    return name + ":" + version;
  }
}
