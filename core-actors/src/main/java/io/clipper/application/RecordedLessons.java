package io.clipper.application;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.clipper.storage.Database;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * The lessons that are still in a database's journal, for those who look back: a ledger's events are deleted when a snapshot holds what
 * they came to, so that these are the latest one or two thousand lists of each partition. Blocks.
 */
public final class RecordedLessons {
  private static final String OF_LEDGER = "ledger|";

  /** As the journal writes: see {@code pekko.serialization.jackson.clipper-cbor}. */
  private static final ObjectMapper EVENTS =
      JsonMapper.builder(new CBORFactory()).addModule(new Jdk8Module()).disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  private RecordedLessons() {}

  /** Of one application, of all its partitions, as they became durable; without what they say of models that are not meant any more. */
  public static List<Lesson> of(Database database, String application) throws SQLException {
    return database.inTransaction(
        connection -> {
          try (PreparedStatement select =
              connection.prepareStatement(
                  """
                  SELECT "persistence_id", "event_payload" FROM "event_journal"
                  WHERE "deleted" = FALSE AND "persistence_id" LIKE '%s%%' ORDER BY "ordering\""""
                      .formatted(OF_LEDGER))) {
            try (ResultSet rows = select.executeQuery()) {
              return read(rows, application);
            }
          }
        });
  }

  private static List<Lesson> read(ResultSet rows, String application) throws SQLException {
    List<Lesson> lessons = new ArrayList<>();
    Map<Integer, Incarnations> names = new HashMap<>();
    while (rows.next()) {
      String entityId = rows.getString(1).substring(OF_LEDGER.length());
      if (!Partitions.applicationOf(entityId).equals(application)) {
        continue;
      }
      switch (event(rows.getBytes(2))) {
        case LedgerEvent.Learned learned -> lessons.addAll(learned.lessons());
        case LedgerEvent.Named named ->
            names.merge(Partitions.partitionOf(entityId), Incarnations.NONE.after(named), (known, first) -> known.after(named));
        case LedgerEvent.Admitted admitted -> {}
        case LedgerEvent.PolicyChanged changed -> {}
        case LedgerEvent.CertaintyChanged changed -> {}
        case LedgerEvent.IdsReserved reserved -> {}
        case LedgerEvent.ContextsWritten written -> {}
      }
    }
    return lessons.stream()
        .map(lesson -> names.getOrDefault((int) (lesson.queryId() % QueryIds.PARTITIONS), Incarnations.NONE).today(lesson))
        .toList();
  }

  private static LedgerEvent event(byte[] bytes) {
    try {
      return EVENTS.readValue(bytes, LedgerEvent.class);
    } catch (IOException damaged) {
      throw new UncheckedIOException("an event of the journal cannot be read: " + damaged.getMessage(), damaged);
    }
  }
}
