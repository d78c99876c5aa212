package io.clipper.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.SplittableRandom;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ArtifactStoreTest {
  private static final String SHA_OF_ABC = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";

  @TempDir private Path temporary;
  private Path directory = Path.of("");
  private Path source = Path.of("");

  @BeforeEach
  void makeFolders() throws IOException {
    directory = temporary.resolve("artifacts");
    source = Files.createDirectory(temporary.resolve("source"));
  }

  @Test
  void aFileIsStoredUnderItsSha256() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);

    String sha = store.store(Files.writeString(source.resolve("model.onnx"), "abc"));

    assertThat(sha).isEqualTo(SHA_OF_ABC).isEqualTo(store.store("abc".getBytes(StandardCharsets.UTF_8)));
    assertThat(store.path(sha)).hasContent("abc").hasParent(directory);
    assertOnly(sha);
  }

  @Test
  void editingOrDeletingTheSourceChangesNothing() throws IOException {
    Path file = Files.writeString(source.resolve("model.onnx"), "abc");
    String sha = ArtifactStore.open(directory).store(file);

    Files.writeString(file, "edited");
    Files.delete(file);

    ArtifactStore reopened = ArtifactStore.open(directory);
    assertThat(reopened.path(sha)).hasContent("abc");
    assertThat(reopened.isIntact(sha)).isTrue();
  }

  @Test
  void aFolderIsStoredWholeAndItsNameDependsOnNamesAndContentsAlone() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);
    Path one = folder("one", "b.txt", "2", "a/x.py", "1");
    Path same = folder("same", "a/x.py", "1", "b.txt", "2");
    Files.createDirectory(same.resolve("empty"));

    String sha = store.store(one);

    assertThat(store.store(same)).isEqualTo(sha);
    assertThat(store.path(sha).resolve("a/x.py")).hasContent("1");
    assertThat(store.path(sha).resolve("b.txt")).hasContent("2");
    assertThat(store.isIntact(sha)).isTrue();
    assertOnly(sha);
  }

  @Test
  void foldersThatDifferInAnythingDifferInName() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);

    List<String> names =
        Stream.of(
                folder("1", "a", "bc"), folder("2", "ab", "c"), folder("3", "a", "b", "c", ""), folder("4", "a", "", "bc", ""), folder("5", "d/a", "bc"))
            .map(store::store)
            .toList();

    assertThat(names).doesNotHaveDuplicates();
  }

  @Test
  void aLinkOutOfTheFolderIsRefusedAndOneInsideIsFollowed() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);
    Path outside = Files.writeString(temporary.resolve("secret"), "s");
    Path folder = folder("linked", "a", "1");
    Files.createSymbolicLink(folder.resolve("b"), Path.of("a"));
    String sha = store.store(folder);

    Files.createSymbolicLink(folder.resolve("c"), outside);
    Refused refused = catchThrowableOfType(Refused.class, () -> store.store(folder));

    assertThat(store.path(sha).resolve("b")).isRegularFile().hasContent("1");
    assertThat(Files.isSymbolicLink(store.path(sha).resolve("b"))).isFalse();
    assertThat(refused.reason()).isEqualTo(Refused.Reason.INVALID);
    assertThat(refused).hasMessageContaining("leads out of the folder");
    assertOnly(sha);
  }

  @Test
  void aFolderThatLinksToItselfAndOneOfNoFileAreRefused() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);
    Path loop = folder("loop", "a", "1");
    Files.createSymbolicLink(loop.resolve("again"), loop);

    assertThat(catchThrowableOfType(Refused.class, () -> store.store(loop)).reason()).isEqualTo(Refused.Reason.INVALID);
    assertThat(catchThrowableOfType(Refused.class, () -> store.store(source.resolve("nowhere"))).reason()).isEqualTo(Refused.Reason.INVALID);
    assertThat(catchThrowableOfType(Refused.class, () -> store.store(Files.createDirectory(source.resolve("empty")))))
        .hasMessageContaining("has no file in it");
  }

  @Test
  void whatAProcessThatDiedLeftHalfWrittenIsSwept() throws IOException {
    String sha = ArtifactStore.open(directory).store("abc".getBytes(StandardCharsets.UTF_8));
    Files.writeString(directory.resolve(".unfinished-1"), "ab");
    Files.createDirectories(directory.resolve(".unfinished-2/deep"));
    Files.writeString(directory.resolve(".unfinished-2/deep/file"), "x");

    ArtifactStore.open(directory);

    assertOnly(sha);
  }

  @Test
  void aSourceThatFailsHalfwayLeavesNothing() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);
    InputStream broken =
        new ByteArrayInputStream(new byte[1 << 20]) {
          @Override
          public int read(byte[] bytes) throws IOException {
            if (available() < 1 << 19) {
              throw new IOException("connection reset");
            }
            return super.read(bytes);
          }
        };

    Refused refused = catchThrowableOfType(Refused.class, () -> store.store(broken));

    assertThat(refused.reason()).isEqualTo(Refused.Reason.INVALID);
    assertThat(refused).hasMessageContaining("connection reset");
    assertThat(directory).isEmptyDirectory();
  }

  @Test
  void damageIsSeenAndStoringAgainRepairsIt() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);
    Path folder = folder("f", "a", "1");
    String file = store.store("abc".getBytes(StandardCharsets.UTF_8));
    String tree = store.store(folder);
    Files.writeString(store.path(file), "ab");
    Files.writeString(store.path(tree).resolve("a"), "2");
    assertThat(store.isIntact(file)).isFalse();
    assertThat(store.isIntact(tree)).isFalse();

    store.store("abc".getBytes(StandardCharsets.UTF_8));
    store.store(folder);

    assertThat(store.isIntact(file)).isTrue();
    assertThat(store.isIntact(tree)).isTrue();
    assertOnly(file, tree);
  }

  @Test
  void theSameContentMayBeStoredByManyAtOnce() throws Exception {
    ArtifactStore store = ArtifactStore.open(directory);
    byte[] bytes = new byte[300_000];
    new SplittableRandom(1).nextBytes(bytes);
    Path file = Files.write(source.resolve("big"), bytes);
    Path folder = folder("f", "a", "1", "b/c", "2");
    CountDownLatch go = new CountDownLatch(1);
    List<Future<String>> files = new ArrayList<>();
    List<Future<String>> folders = new ArrayList<>();

    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      for (int i = 0; i < 16; i++) {
        files.add(threads.submit(() -> storeAt(go, store, file)));
        folders.add(threads.submit(() -> storeAt(go, store, folder)));
      }
      go.countDown();
    }

    String sha = store.store(bytes);
    for (Future<String> stored : files) {
      assertThat(stored.get()).isEqualTo(sha);
    }
    String tree = store.store(folder);
    for (Future<String> stored : folders) {
      assertThat(stored.get()).isEqualTo(tree);
    }
    assertOnly(sha, tree);
  }

  @Test
  void aStoreThatCannotWriteNamesTheOption() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);
    Files.delete(directory);
    Files.writeString(directory, "in the way");

    Refused refused = catchThrowableOfType(Refused.class, () -> store.store(new byte[1]));

    assertThat(refused.reason()).isEqualTo(Refused.Reason.UNAVAILABLE);
    assertThat(refused).hasMessageContaining("--data").hasMessageContaining(directory.toString());
  }

  @Test
  void aNameThatIsNoHashLeadsNowhere() throws IOException {
    ArtifactStore store = ArtifactStore.open(directory);

    assertThat(catchThrowableOfType(Refused.class, () -> store.path("../../etc/passwd")).reason()).isEqualTo(Refused.Reason.INVALID);
    assertThat(catchThrowableOfType(Refused.class, () -> store.path("0".repeat(64))).reason()).isEqualTo(Refused.Reason.NOT_FOUND);
  }

  private static String storeAt(CountDownLatch go, ArtifactStore store, Path path) throws InterruptedException {
    go.await();
    return store.store(path);
  }

  private Path folder(String name, String... filesAndContents) throws IOException {
    Path folder = source.resolve(name);
    for (int i = 0; i < filesAndContents.length; i += 2) {
      Path file = folder.resolve(filesAndContents[i]);
      Files.createDirectories(file.resolveSibling("."));
      Files.writeString(file, filesAndContents[i + 1]);
    }
    return folder;
  }

  private void assertOnly(String... names) throws IOException {
    try (Stream<Path> entries = Files.list(directory)) {
      assertThat(entries.map(entry -> entry.getFileName().toString())).containsExactlyInAnyOrder(names);
    }
  }
}
