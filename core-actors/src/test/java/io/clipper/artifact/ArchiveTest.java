package io.clipper.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArchiveTest {
  private static final long MOST = 1000;

  @TempDir private Path temporary = Path.of("");

  @Test
  void aFolderIsTheSameArtifactHoweverItCame() throws IOException {
    ArtifactStore store = ArtifactStore.open(temporary.resolve("artifacts"));
    Path folder = Files.createDirectories(temporary.resolve("source").resolve("net"));
    Files.writeString(folder.resolve("model.py"), "abc");
    Files.writeString(folder.resolveSibling("requirements.txt"), "numpy==2.4.6");

    String packed = store.storeArchive(zip("requirements.txt", "numpy==2.4.6", "net/model.py", "abc"), MOST);

    assertThat(packed).isEqualTo(store.store(temporary.resolve("source")));
    assertThat(store.path(packed).resolve("net").resolve("model.py")).hasContent("abc");
    assertThat(store.isIntact(packed)).isTrue();
    assertOnly(packed);
  }

  @ParameterizedTest
  @ValueSource(strings = {"../out.py", "a/../../out.py", "/tmp/out.py", "a/..", "."})
  void whatLeadsOutIsRefusedAndLeavesNothing(String name) throws IOException {
    assertThat(refusal(zip("model.py", "abc", name, "abc"))).contains("leads out of it").contains(name);
    assertThat(temporary.resolve("out.py")).doesNotExist();
  }

  @Test
  void whatUnpacksToMoreThanItMayIsRefused() throws IOException {
    assertThat(refusal(zip("a.py", "x".repeat(600), "b.py", "x".repeat(401)))).contains("more than 1000 bytes");
  }

  @Test
  void whatIsNoArchiveIsRefused() throws IOException {
    assertThat(refusal(new ByteArrayInputStream("def predict(batch):".getBytes(StandardCharsets.UTF_8)))).contains("no ZIP archive");
    byte[] whole = zip("model.py", "x".repeat(500)).readAllBytes();
    assertThat(refusal(new ByteArrayInputStream(whole, 0, 40))).startsWith("the archive ");
  }

  @Test
  void contentThatIsRemovedIsGone() throws IOException {
    ArtifactStore store = ArtifactStore.open(temporary.resolve("artifacts"));
    String folder = store.storeArchive(zip("model.py", "abc"), MOST);
    String file = store.store("abc".getBytes(StandardCharsets.UTF_8));

    store.remove(folder);
    store.remove(folder);

    assertThat(store.holds(folder)).isFalse();
    assertOnly(file);
  }

  private String refusal(InputStream archive) throws IOException {
    ArtifactStore store = ArtifactStore.open(temporary.resolve("artifacts"));
    Refused refused = catchThrowableOfType(Refused.class, () -> store.storeArchive(archive, MOST));
    assertThat(refused.reason()).isEqualTo(Refused.Reason.INVALID);
    assertOnly();
    return String.valueOf(refused.getMessage());
  }

  private static InputStream zip(String... namesAndContents) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
      for (int i = 0; i < namesAndContents.length; i += 2) {
        zip.putNextEntry(new ZipEntry(namesAndContents[i]));
        zip.write(namesAndContents[i + 1].getBytes(StandardCharsets.UTF_8));
      }
    }
    return new ByteArrayInputStream(bytes.toByteArray());
  }

  private void assertOnly(String... names) throws IOException {
    try (Stream<Path> entries = Files.list(temporary.resolve("artifacts"))) {
      assertThat(entries.map(entry -> entry.getFileName().toString())).containsExactlyInAnyOrder(names);
    }
  }
}
