package io.clipper.artifact;

import io.clipper.Aside;
import io.clipper.membership.Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeoutException;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.japi.function.Function;

/** Another node's artifacts. */
final class ArtifactPeer implements ArtifactSource {
  /** Whether it has one, and of what files. */
  private static final Duration DESCRIPTION = Duration.ofSeconds(3);
  /** One block over a busy wire. */
  private static final Duration BLOCK = Duration.ofSeconds(15);

  private final ActorSystem<?> system;
  private final ActorRef<ArtifactActor.Command> peer;
  private final Duration patience;

  ArtifactPeer(ActorSystem<?> system, ActorRef<ArtifactActor.Command> peer) {
    this(system, peer, BLOCK);
  }

  /** @param patience with each block */
  ArtifactPeer(ActorSystem<?> system, ActorRef<ArtifactActor.Command> peer, Duration patience) {
    this.system = system;
    this.peer = peer;
    this.patience = patience;
  }

  @Override
  public String place() {
    return Peer.nameOf(peer.path().address());
  }

  @Override
  public CompletionStage<Boolean> fetch(String sha256, OutputStream to) {
    return CompletableFuture.supplyAsync(() -> fetchNow(sha256, to), Aside.THREADS);
  }

  private boolean fetchNow(String sha256, OutputStream to) {
    try {
      List<ArtifactActor.FileEntry> files =
          await(ask((ActorRef<ArtifactActor.Described> replyTo) -> new ArtifactActor.Describe(sha256, replyTo), DESCRIPTION)).files();
      if (files.isEmpty()) {
        return false;
      }
      PackedArtifact.write(files.stream().map(file -> new Source(file.name(), () -> new Blocks(sha256, file))).toList(), to);
      return true;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }

  private <T extends ArtifactActor.Reply> CompletionStage<T> ask(Function<ActorRef<T>, ArtifactActor.Command> message, Duration timeout) {
    return AskPattern.ask(peer, message, timeout, system.scheduler());
  }

  /** Pekko's words for a silent actor name the actor, which tells people nothing. */
  private static <T> T await(CompletionStage<T> stage) throws IOException {
    try {
      return stage.toCompletableFuture().join();
    } catch (CompletionException failed) {
      boolean silent = failed.getCause() instanceof TimeoutException;
      throw new IOException(silent ? "it does not answer" : "it does not answer: " + failed.getMessage(), failed);
    }
  }

  /** One file, read block by block. */
  private final class Blocks extends InputStream {
    private final String sha256;
    private final ArtifactActor.FileEntry file;
    private byte[] block = {};
    private int next;
    private long read;

    Blocks(String sha256, ArtifactActor.FileEntry file) {
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
      ArtifactActor.Block came = await(ask((ActorRef<ArtifactActor.Block> replyTo) -> new ArtifactActor.Read(sha256, file.name(), read, replyTo), patience));
      if (came.bytes().remaining() == 0) {
        throw new IOException("it ends in the middle");
      }
      byte[] bytes = new byte[came.bytes().remaining()];
      came.bytes().duplicate().get(bytes);
      return bytes;
    }
  }
}
