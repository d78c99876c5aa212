package io.clipper.catalog;

import io.clipper.Refused;
import io.clipper.Refused.Reason;
import io.clipper.storage.Database;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.persistence.jdbc.query.javadsl.JdbcReadJournal;
import org.apache.pekko.persistence.query.PersistenceQuery;
import org.apache.pekko.stream.javadsl.Sink;

/** What was changed in the catalog, and when: its events, which the journal keeps. */
public final class CatalogHistory {
  private final ActorSystem<?> system;
  private final JdbcReadJournal journal;

  /** @param revision the catalog's, once it had happened */
  public record Entry(long revision, Instant at, CatalogEvent event) {}

  private CatalogHistory(ActorSystem<?> system, JdbcReadJournal journal) {
    this.system = system;
    this.journal = journal;
  }

  public static CatalogHistory of(ActorSystem<?> system) {
    return new CatalogHistory(system, PersistenceQuery.get(system).getReadJournalFor(JdbcReadJournal.class, JdbcReadJournal.Identifier()));
  }

  /** At most so many before and with that revision, oldest first; fails with {@link Refused} while the journal cannot be read. */
  public CompletionStage<List<Entry>> upTo(long revision, int most) {
    // One event is one revision, so its sequence number is the revision.
    return journal
        .currentEventsByPersistenceId(CatalogActor.PERSISTENCE_ID.id(), Math.max(1, revision - most + 1), revision)
        .map(event -> new Entry(event.sequenceNr(), Instant.ofEpochMilli(event.timestamp()), (CatalogEvent) event.event()))
        .runWith(Sink.seq(), system)
        .exceptionallyCompose(
            failed -> CompletableFuture.failedStage(new Refused(Reason.UNAVAILABLE, "the history of the catalog cannot be read: " + Database.words(failed))));
  }
}
