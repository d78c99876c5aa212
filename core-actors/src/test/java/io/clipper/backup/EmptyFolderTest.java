package io.clipper.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EmptyFolderTest {
  @TempDir private Path data;

  @Test
  void aNodeThatStartsWhileItIsFilledKeepsItsStore() throws IOException {
    Path database = data.resolve(Store.DATABASE_FILE);

    assertThatThrownBy(
            () ->
                EmptyStore.in(data)
                    .fill(
                        filling -> {
                          Files.writeString(database, "the node's");
                          return true;
                        }))
        .isInstanceOf(Refused.class)
        .hasMessageContaining("there is a store");

    assertThat(database).hasContent("the node's");
    assertThat(names()).containsExactlyInAnyOrder(Store.DATABASE_FILE, Store.ARTIFACTS);
  }

  @Test
  void whatWasFilledIsThereUnderItsOneName() throws IOException, SQLException {
    EmptyStore.in(data).fill(filling -> true);

    assertThat(names()).containsExactlyInAnyOrder(Store.DATABASE_FILE, Store.ARTIFACTS);
    assertThat(Files.getAttribute(data.resolve(Store.DATABASE_FILE), "unix:nlink")).isEqualTo(1);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(data)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
