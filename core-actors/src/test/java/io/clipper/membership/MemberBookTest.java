package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.membership.MemberBook.Known;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemberBookTest {
  private static final Incarnation THIS = new Incarnation("here/1", "first");
  private static final Incarnation OTHER = new Incarnation("elsewhere/2", "second");

  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void whoSignedAMomentAgoLives(TestDatabase kind) throws SQLException {
    try (Database database = Database.at(kind.fresh(folder))) {
      Schema.prepare(database);
      MemberBook book = new MemberBook(database);
      book.write(Set.of("a:1", "b:2", "c:3"), Set.of());
      assertThat(book.sign("a:1", THIS)).isTrue();
      assertThat(book.sign("b:2", THIS)).isTrue();
      assertThat(book.sign("unknown:4", THIS)).as("who is not in it").isFalse();
      TestDatabase.run(database, "UPDATE clipper_member SET seen_at = CURRENT_TIMESTAMP - INTERVAL '11' SECOND WHERE address = 'b:2';\n");

      assertThat(book.known()).isEqualTo(new Known(Set.of("a:1", "b:2", "c:3"), Set.of("a:1")));

      book.write(Set.of("a:1"), Set.of("b:2", "c:3"));
      assertThat(book.known()).as("written again it stays signed").isEqualTo(new Known(Set.of("a:1"), Set.of("a:1")));
    }
  }

  /** As every database that was made before members signed. */
  @ParameterizedTest
  @EnumSource
  void aTableWithoutSignaturesIsGivenThem(TestDatabase kind) throws SQLException {
    try (Database database = Database.at(kind.fresh(folder))) {
      TestDatabase.run(database, "CREATE TABLE clipper_member (address VARCHAR(255) NOT NULL, PRIMARY KEY (address));\nINSERT INTO clipper_member VALUES ('a:1');\n");
      Schema.prepare(database);

      assertThat(new MemberBook(database).known()).isEqualTo(new Known(Set.of("a:1"), Set.of()));
    }
  }

  @ParameterizedTest
  @EnumSource
  void anAddressIsOfWhoeverEnteredLast(TestDatabase kind) throws SQLException {
    try (Database database = Database.at(kind.fresh(folder))) {
      Schema.prepare(database);
      MemberBook book = new MemberBook(database);
      assertThat(book.signature("a:1")).isEmpty();

      book.enter("a:1", OTHER);
      assertThat(book.known()).as("it is signed at once").isEqualTo(new Known(Set.of("a:1"), Set.of("a:1")));
      assertThat(book.sign("a:1", THIS)).isFalse();
      assertThat(book.signature("a:1").map(MemberBook.Signature::of)).contains(OTHER);

      book.enter("a:1", THIS);
      assertThat(book.sign("a:1", OTHER)).isFalse();
      assertThat(book.signature("a:1").map(MemberBook.Signature::of)).contains(THIS);
      TestDatabase.run(database, "UPDATE clipper_member SET seen_at = CURRENT_TIMESTAMP - INTERVAL '11' SECOND;\n");
      assertThat(book.signature("a:1")).as("long ago").isEmpty();
    }
  }
}
