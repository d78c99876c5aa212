package io.clipper.membership;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.membership.MemberBook.Known;
import io.clipper.storage.Database;
import io.clipper.storage.Schema;
import io.clipper.storage.TestDatabase;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

class MemberBookTest {
  @TempDir private Path folder;

  @ParameterizedTest
  @EnumSource
  void whoSignedAMomentAgoLives(TestDatabase kind) throws SQLException {
    try (Database database = Database.at(kind.fresh(folder))) {
      Schema.prepare(database);
      MemberBook book = new MemberBook(database);
      book.write(Set.of("a:1", "b:2", "c:3"), Set.of());
      book.sign("a:1");
      book.sign("b:2");
      book.sign("unknown:4");
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

  @Test
  void whereOthersLiveANodeIsOneOfThemOrWaits() {
    Known known = new Known(Set.of("a:1", "b:2", "c:3"), Set.of("a:1", "c:3"));

    assertThat(known.seeds("b:2")).containsExactly("a:1", "c:3");
    assertThat(known.seeds("a:1")).as("its own signature of a moment ago says nothing").containsExactly("c:3");
  }

  @Test
  void whereNobodySignedItTriesThoseItRemembersAndMayBeACluster() {
    assertThat(new Known(Set.of("b:2", "a:1"), Set.of()).seeds("c:3")).containsExactly("c:3", "a:1", "b:2");
    assertThat(Known.NOBODY.seeds("c:3")).containsExactly("c:3");
  }
}
