package io.clipper.application;

import io.clipper.application.LedgerEvent.Incarnation;
import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Which application and which versions a ledger is about: one that was deleted and comes back under its name is another. A query that was
 * answered before one of them came teaches nothing about it.
 *
 * @param application 0 before any was known
 * @param firstCounter of the queries that this application answered
 */
record Incarnations(long application, long firstCounter, List<Incarnation> versions) {
  static final Incarnations NONE = new Incarnations(0, 0, List.of());

  Incarnations {
    versions = List.copyOf(versions);
  }

  Optional<Incarnation> of(ModelId model) {
    return versions.stream().filter(version -> version.model().equals(model)).findFirst();
  }

  boolean isAnother(long incarnation) {
    return application != 0 && incarnation != 0 && application != incarnation;
  }

  /** Whether there was one of that name before, and it is not this one. */
  boolean isAnother(Incarnation version) {
    return of(version.model()).filter(known -> known.number() != version.number()).isPresent();
  }

  Incarnations with(List<Incarnation> more) {
    List<Incarnation> next = new ArrayList<>(versions);
    for (Incarnation one : more) {
      next.removeIf(known -> known.model().equals(one.model()));
      next.add(one);
    }
    return new Incarnations(application, firstCounter, next);
  }

  /** With whom the names mean from now on. */
  Incarnations after(LedgerEvent.Named named) {
    return isAnother(named.application())
        ? new Incarnations(named.application(), named.firstCounter(), named.versions())
        : new Incarnations(named.application(), firstCounter, versions).with(named.versions());
  }

  /** What the lesson says of those that are meant by these names today. */
  Lesson today(Lesson lesson) {
    long counter = lesson.queryId() / QueryIds.PARTITIONS;
    Observation observation = lesson.observation();
    List<Judged> judged = counter < firstCounter ? List.of() : observation.judged().stream().filter(one -> !isOlder(counter, one.model())).toList();
    return judged.size() == observation.judged().size()
        ? lesson
        : new Lesson(
            lesson.queryId(),
            lesson.context(),
            lesson.feedbackId(),
            new Observation(judged, observation.candidates(), observation.features()),
            lesson.label(),
            Optional.empty());
  }

  private boolean isOlder(long counter, ModelId model) {
    return of(model).filter(version -> counter < version.firstCounter()).isPresent();
  }
}
