package io.clipper.artifact;

import io.clipper.Aside;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Props;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.japi.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The other nodes' artifacts. */
public final class ArtifactPeers implements ArtifactSource {
  private static final Logger LOG = LoggerFactory.getLogger(ArtifactPeers.class);
  private static final Duration WHO_HAS_IT = Duration.ofSeconds(3);
  /** One block over a busy wire. */
  private static final Duration BLOCK = Duration.ofSeconds(15);

  private final ActorSystem<?> system;

  private ArtifactPeers(ActorSystem<?> system) {
    this.system = system;
  }

  /** Serves this node's store to the others, as theirs are served to it. */
  public static ArtifactPeers start(ActorSystem<?> system, ArtifactStore store) {
    system.systemActorOf(ArtifactActor.create(store, Aside.THREADS), "clipper-artifacts", Props.empty());
    return new ArtifactPeers(system);
  }

  @Override
  public String place() {
    return "the rest of the cluster";
  }

  @Override
  public CompletionStage<Boolean> fetch(String sha256, OutputStream to) {
    return CompletableFuture.supplyAsync(() -> fetchNow(sha256, to), Aside.THREADS);
  }

  /** From the first that has it: what it breaks off with is a failure, since half of it was written. */
  private boolean fetchNow(String sha256, OutputStream to) {
    for (ActorRef<ArtifactActor.Command> peer : peers()) {
      List<ArtifactActor.FileEntry> files = files(peer, sha256);
      if (!files.isEmpty()) {
        try {
          PackedArtifact.write(files.stream().map(file -> source(peer, sha256, file)).toList(), to);
          return true;
        } catch (IOException failed) {
          throw new UncheckedIOException(failed);
        }
      }
    }
    return false;
  }

  private List<ArtifactActor.FileEntry> files(ActorRef<ArtifactActor.Command> peer, String sha256) {
    try {
      return await(ask(peer, (ActorRef<ArtifactActor.Described> replyTo) -> new ArtifactActor.Describe(sha256, replyTo), WHO_HAS_IT)).files();
    } catch (CompletionException silent) {
      LOG.warn("{} does not say whether it has artifact {}: {}", peer.path().address(), sha256, silent.getMessage());
      return List.of();
    }
  }

  private List<ActorRef<ArtifactActor.Command>> peers() {
    Receptionist.Listing listing =
        await(
            AskPattern.<Receptionist.Command, Receptionist.Listing>ask(
                system.receptionist(), replyTo -> Receptionist.find(ArtifactActor.KEY, replyTo), WHO_HAS_IT, system.scheduler()));
    return listing.getServiceInstances(ArtifactActor.KEY).stream().filter(peer -> !peer.path().address().hasLocalScope()).toList();
  }

  private Source source(ActorRef<ArtifactActor.Command> peer, String sha256, ArtifactActor.FileEntry file) {
    return new Source(file.name(), () -> new Blocks(peer, sha256, file));
  }

  private <T extends ArtifactActor.Reply> CompletionStage<T> ask(
      ActorRef<ArtifactActor.Command> peer, Function<ActorRef<T>, ArtifactActor.Command> message, Duration timeout) {
    return AskPattern.ask(peer, message, timeout, system.scheduler());
  }

  private static <T> T await(CompletionStage<T> stage) {
    return stage.toCompletableFuture().join();
  }

  /** One file of a peer's, read block by block. */
  private final class Blocks extends InputStream {
    private final ActorRef<ArtifactActor.Command> peer;
    private final String sha256;
    private final ArtifactActor.FileEntry file;
    private byte[] block = {};
    private int next;
    private long read;

    Blocks(ActorRef<ArtifactActor.Command> peer, String sha256, ArtifactActor.FileEntry file) {
      this.peer = peer;
      this.sha256 = sha256;
      this.file = file;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] into, int offset, int length) throws IOException {
      if (next == block.length) {
        if (read == file.size()) {
          return -1;
        }
        block = nextBlock();
        next = 0;
      }
      int count = Math.min(length, block.length - next);
      System.arraycopy(block, next, into, offset, count);
      next += count;
      read += count;
      return count;
    }

    private byte[] nextBlock() throws IOException {
      try {
        ArtifactActor.Block came = await(ask(peer, (ActorRef<ArtifactActor.Block> replyTo) -> new ArtifactActor.Read(sha256, file.name(), read, replyTo), BLOCK));
        if (came.bytes().remaining() == 0) {
          throw new IOException("%s no longer has it".formatted(peer.path().address()));
        }
        byte[] bytes = new byte[came.bytes().remaining()];
        came.bytes().duplicate().get(bytes);
        return bytes;
      } catch (CompletionException silent) {
        throw new IOException("%s does not answer: %s".formatted(peer.path().address(), silent.getMessage()), silent);
      }
    }
  }
}
