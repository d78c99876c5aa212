package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipEntry;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PackingTest {
  @TempDir private Path folder = Path.of("");
  private Path model = Path.of("");

  @BeforeEach
  void write() throws IOException {
    model = Files.createDirectories(folder.resolve("model"));
    Files.writeString(model.resolve("model.py"), "def predict(batch):\n    return batch\n");
    Files.writeString(Files.createDirectories(folder.resolve("elsewhere")).resolve("weights.npy"), "1");
  }

  @Test
  void whatALinkLeadsToIsPacked() throws IOException {
    Files.createSymbolicLink(model.resolve("layers"), folder.resolve("elsewhere"));
    Files.createSymbolicLink(model.resolve("weights.npy"), folder.resolve("elsewhere").resolve("weights.npy"));
    Path link = Files.createSymbolicLink(folder.resolve("latest"), model);

    assertThat(packed(model)).containsExactlyInAnyOrder("model/model.py", "model/layers/weights.npy", "model/weights.npy");
    assertThat(packed(link)).containsExactlyInAnyOrder("latest/model.py", "latest/layers/weights.npy", "latest/weights.npy");
  }

  @Test
  void aFolderThatLeadsBackIntoItselfIsRefusedByItsName() throws IOException {
    Path loop = Files.createSymbolicLink(model.resolve("again"), model);

    assertThatThrownBy(() -> packed(model))
        .isInstanceOf(UncheckedIOException.class)
        .satisfies(refused -> assertThat(Causes.of(refused)).isEqualTo(loop + ": it leads back to a folder that it is in"));
  }

  private static List<String> packed(Path source) throws IOException {
    Path archive = new PythonModel(source, Optional.empty()).pack(Optional.empty());
    try (ZipFile zip = new ZipFile(archive.toFile())) {
      return zip.stream().map(ZipEntry::getName).toList();
    } finally {
      Files.delete(archive);
    }
  }
}
