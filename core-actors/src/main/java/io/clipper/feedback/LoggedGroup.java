package io.clipper.feedback;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A group of logged queries as it is stored, in which one is found without reading the others. Big-endian: the version; how many there are;
 * of each, by its id, the id and where it begins; the texts and the lists of classes that they name by number; the queries.
 */
final class LoggedGroup {
  static final int VERSION = 4;
  static final int HEAD_BYTES = Byte.BYTES + Integer.BYTES;
  static final int PLACE_BYTES = Long.BYTES + Integer.BYTES;

  private static final int FIRST_VERSION = 1;

  /** The first in which one is found without the others. */
  private static final int FIRST_WITH_PLACES = 3;

  private final ByteBuffer bytes;
  private final int size;
  private final List<String> texts;
  private final List<List<String>> classLists;
  private final int queriesAt;

  private LoggedGroup(byte[] bytes) throws IOException {
    this.bytes = ByteBuffer.wrap(bytes);
    this.size = this.bytes.getInt(Byte.BYTES);
    DataInputStream dictionary = from(HEAD_BYTES + size * PLACE_BYTES);
    this.texts = List.copyOf(QueryReader.strings(dictionary));
    int lists = dictionary.readInt();
    List<List<String>> read = new ArrayList<>(lists);
    for (int i = 0; i < lists; i++) {
      read.add(List.copyOf(QueryReader.strings(dictionary)));
    }
    this.classLists = List.copyOf(read);
    this.queriesAt = bytes.length - dictionary.available();
  }

  static LoggedGroup of(List<LoggedQuery> queries) {
    return read(GroupWriter.encode(queries));
  }

  /** From the store, where groups of earlier versions may be too. */
  static LoggedGroup read(byte[] bytes) {
    int version = bytes[0];
    try {
      if (version < FIRST_VERSION || version > VERSION) {
        throw new IOException(
            "a group of the prediction log is of version %d, this node reads %d to %d".formatted(version, FIRST_VERSION, VERSION));
      }
      return version >= FIRST_WITH_PLACES ? new LoggedGroup(bytes) : of(readEarlier(bytes, version));
    } catch (IOException damaged) {
      throw new UncheckedIOException(damaged);
    }
  }

  Optional<LoggedQuery> find(long queryId) {
    int low = 0;
    int high = size - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      long id = idAt(middle);
      if (id == queryId) {
        return Optional.of(queryAt(middle));
      }
      if (id < queryId) {
        low = middle + 1;
      } else {
        high = middle - 1;
      }
    }
    return Optional.empty();
  }

  List<LoggedQuery> queries() {
    List<LoggedQuery> queries = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      queries.add(queryAt(i));
    }
    return queries;
  }

  long firstId() {
    return idAt(0);
  }

  long lastId() {
    return idAt(size - 1);
  }

  byte[] bytes() {
    return bytes.array();
  }

  private long idAt(int index) {
    return bytes.getLong(HEAD_BYTES + index * PLACE_BYTES);
  }

  private LoggedQuery queryAt(int index) {
    int offset = bytes.getInt(HEAD_BYTES + index * PLACE_BYTES + Long.BYTES);
    try {
      return new QueryReader(from(queriesAt + offset), bytes.get(0), texts, classLists).query();
    } catch (IOException damaged) {
      throw new UncheckedIOException(damaged);
    }
  }

  private DataInputStream from(int offset) {
    byte[] array = bytes.array();
    return new DataInputStream(new ByteArrayInputStream(array, offset, array.length - offset));
  }

  private static List<LoggedQuery> readEarlier(byte[] bytes, int version) throws IOException {
    DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes, Byte.BYTES, bytes.length - Byte.BYTES));
    int size = in.readInt();
    QueryReader reader = new QueryReader(in, version, new ArrayList<>(), new ArrayList<>());
    List<LoggedQuery> queries = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      queries.add(reader.query());
    }
    return queries;
  }
}
