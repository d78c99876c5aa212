package io.clipper.feedback;

/** One partition of one application: its queries are logged together. */
record LogPart(String application, int partition) implements Comparable<LogPart> {
  @Override
  public int compareTo(LogPart other) {
    int byName = application.compareTo(other.application);
    return byName != 0 ? byName : Integer.compare(partition, other.partition);
  }
}
