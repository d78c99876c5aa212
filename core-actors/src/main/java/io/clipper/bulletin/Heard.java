package io.clipper.bulletin;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What one node has heard of another: of each topic the newest value and its revision. */
record Heard(Map<String, Entry> topics) {
  record Entry(long revision, Value value) {}

  static final Heard NOTHING = new Heard(Map.of());

  Heard {
    topics = Collections.unmodifiableMap(new LinkedHashMap<>(topics));
  }

  /** Empty where the value is no news: this revision is known, or a later one. */
  Optional<Heard> after(String topic, long revision, Value value) {
    if (knows(topic, revision)) {
      return Optional.empty();
    }
    Map<String, Entry> next = new LinkedHashMap<>(topics);
    next.put(topic, new Entry(revision, value));
    return Optional.of(new Heard(next));
  }

  /** What is told no more is forgotten. */
  Heard only(Set<String> told) {
    Map<String, Entry> next = new LinkedHashMap<>(topics);
    return next.keySet().retainAll(told) ? new Heard(next) : this;
  }

  boolean knows(String topic, long revision) {
    Entry known = topics.get(topic);
    return known != null && known.revision() >= revision;
  }
}
