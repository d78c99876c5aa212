package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DataDirectoryTest {
  @TempDir private Path folder = Path.of("");

  @Test
  void aFolderWithoutRoomIsRefusedWithTheOptionAndLeftAlone() throws IOException {
    long more = Files.getFileStore(folder).getTotalSpace() + (1L << 20);

    assertThatThrownBy(() -> DataDirectory.open(folder, more))
        .isInstanceOf(Refused.class)
        .hasMessage("less than %d MB are free under %s: make room, or give another folder with --data".formatted(more >> 20, folder));

    assertThat(folder).isEmptyDirectory();
    DataDirectory.open(folder, 1).close();
  }

  @Test
  void aFolderThatCannotBeMadeIsRefusedWithTheOption() throws IOException {
    Path file = Files.createFile(folder.resolve("file"));

    assertThatThrownBy(() -> DataDirectory.open(file.resolve("data")))
        .isInstanceOf(Refused.class)
        .hasMessageContainingAll(file.toString(), "give a folder that can be written with --data");
  }
}
