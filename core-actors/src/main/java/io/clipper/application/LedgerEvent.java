package io.clipper.application;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import io.clipper.catalog.CertaintySettings;
import io.clipper.combine.CombinerSettings;
import io.clipper.model.ModelId;
import io.clipper.selection.PolicySettings;
import io.clipper.storage.JournalEvent;
import java.util.List;

/** What happened to a partition's learner, in the order in which it happened: replayed, it gives the learner again, bit for bit. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "event")
@JsonSubTypes({
  @JsonSubTypes.Type(value = LedgerEvent.Learned.class, name = "learned"),
  @JsonSubTypes.Type(value = LedgerEvent.Admitted.class, name = "admitted"),
  @JsonSubTypes.Type(value = LedgerEvent.PolicyChanged.class, name = "policy-changed"),
  @JsonSubTypes.Type(value = LedgerEvent.CertaintyChanged.class, name = "certainty-changed"),
  @JsonSubTypes.Type(value = LedgerEvent.IdsReserved.class, name = "ids-reserved"),
  @JsonSubTypes.Type(value = LedgerEvent.Named.class, name = "named"),
  @JsonSubTypes.Type(value = LedgerEvent.ContextsWritten.class, name = "contexts-written")
})
public sealed interface LedgerEvent extends JournalEvent {
  /** One list of lessons is one event, however many there are. */
  record Learned(List<Lesson> lessons) implements LedgerEvent {
    public Learned {
      lessons = List.copyOf(lessons);
    }
  }

  /** The application's candidates from now on, and whom each newcomer follows. */
  record Admitted(List<ModelId> candidates, List<Succession> successions) implements LedgerEvent {
    public Admitted {
      candidates = List.copyOf(candidates);
      successions = List.copyOf(successions);
    }
  }

  /** A version that takes over from another of the same model. */
  record Succession(ModelId version, ModelId predecessor) {}

  /** The application has another policy, or another setting of it. */
  record PolicyChanged(PolicySettings settings) implements LedgerEvent {}

  /**
   * Whom these names mean from now on. One that was deleted and came back is another, of which nothing is known.
   *
   * @param firstCounter of the queries that are answered from here on
   */
  record Named(long application, long firstCounter, List<Incarnation> versions) implements LedgerEvent {
    public Named {
      versions = List.copyOf(versions);
    }
  }

  /**
   * A version, told from others that had its name.
   *
   * @param firstCounter queries with a lower one were not answered by it
   */
  record Incarnation(ModelId model, long number, long firstCounter) {}

  /** The application combines otherwise, or is to be sure of something else. */
  record CertaintyChanged(CombinerSettings combiner, CertaintySettings certainty) implements LedgerEvent {}

  /** Counters below this one may have been given to queries. */
  record IdsReserved(long below) implements LedgerEvent {}

  /** The lessons of contexts up to that number are in the contexts' rows, and so is what was known of contexts before they had rows. */
  record ContextsWritten(long upTo) implements LedgerEvent {}
}
