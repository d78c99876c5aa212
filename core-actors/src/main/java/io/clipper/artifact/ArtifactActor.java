package io.clipper.artifact;

import io.clipper.Aside;
import io.clipper.Managing;
import io.clipper.Refused;
import io.clipper.wire.WireSettings;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;

/** Reads this node's artifacts for the nodes that need them, and takes in those of nodes that keep no state, where this one does. */
public final class ArtifactActor {
  static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "clipper-artifacts");
  /** Those of nodes that keep state. */
  static final ServiceKey<Command> KEEPERS = ServiceKey.create(Command.class, "clipper-artifact-keepers");

  /** At most: large enough that the wire's delay does not count. */
  private static final int BLOCK_BYTES = 256 << 10;

  public sealed interface Command {}

  public record Describe(String sha256, ActorRef<Described> replyTo) implements Command {}

  /** @param offset of the first byte that is wanted */
  public record Read(String sha256, String file, long offset, ActorRef<Block> replyTo) implements Command {}

  /**
   * Asks for an artifact to be kept where it outlives the node that has it.
   *
   * @param from who has it
   */
  public record Keep(String sha256, ActorRef<Command> from, ActorRef<Kept> replyTo) implements Command {}

  private record Done() implements Command {}

  public sealed interface Reply {}

  /** @param refusal why it is not kept; empty where it is */
  public record Kept(Optional<Refused> refusal) implements Reply {}

  /** @param files none where the artifact is not here */
  public record Described(List<FileEntry> files) implements Reply {
    public Described {
      files = List.copyOf(files);
    }
  }

  /** @param bytes none where the file is not here, or ends before */
  public record Block(ByteBuffer bytes) implements Reply {}

  /** @param name its path below the artifact's folder; empty where the artifact is one file */
  public record FileEntry(String name, long size) {}

  /** How a node that keeps state takes in an artifact. */
  @FunctionalInterface
  public interface Keeping {
    /** Blocks until it is kept; one that is kept already stays. */
    void keep(String sha256, ArtifactSource from);
  }

  private final ActorContext<Command> context;
  private final ArtifactStore store;
  private final Optional<Keeping> keeping;
  private final Executor blocking;
  private final int blockBytes;

  private ArtifactActor(ActorContext<Command> context, ArtifactStore store, Optional<Keeping> keeping, Executor blocking) {
    this.context = context;
    this.store = store;
    this.keeping = keeping;
    this.blocking = blocking;
    this.blockBytes = Math.min(BLOCK_BYTES, WireSettings.of(context.getSystem().settings().config()).limitBytes());
  }

  /**
   * Serves this node's store to the others, as theirs are served to it.
   *
   * @param keeping empty on a node that keeps no state
   */
  public static ActorRef<Command> start(ActorSystem<?> system, ArtifactStore store, Optional<Keeping> keeping) {
    return system.systemActorOf(create(store, keeping, Aside.THREADS), "clipper-artifacts", Managing.DISPATCHER);
  }

  static Behavior<Command> create(ArtifactStore store, Optional<Keeping> keeping, Executor blocking) {
    return Behaviors.setup(
        context -> {
          ActorRef<Receptionist.Command> receptionist = context.getSystem().receptionist();
          receptionist.tell(Receptionist.register(KEY, context.getSelf()));
          keeping.ifPresent(keeps -> receptionist.tell(Receptionist.register(KEEPERS, context.getSelf())));
          return new ArtifactActor(context, store, keeping, blocking).serving();
        });
  }

  private Behavior<Command> serving() {
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case Describe(var sha256, var replyTo) -> answer(replyTo, () -> describe(sha256), new Described(List.of()));
            case Read read -> answer(read.replyTo(), () -> read(read), new Block(ByteBuffer.allocate(0)));
            case Keep keep -> keep(keep);
            case Done done -> {}
          }
          return Behaviors.same();
        });
  }

  private void keep(Keep keep) {
    ArtifactSource from = new ArtifactPeer(context.getSystem(), keep.from());
    Runnable work = () -> keeping.orElseThrow(ArtifactActor::keepsNothing).keep(keep.sha256(), from);
    context.pipeToSelf(
        CompletableFuture.runAsync(work, blocking),
        (kept, failed) -> {
          keep.replyTo().tell(new Kept(Optional.ofNullable(failed).map(ArtifactActor::refusal)));
          return new Done();
        });
  }

  private static Refused keepsNothing() {
    return new Refused(Refused.Reason.UNAVAILABLE, "this node keeps no state");
  }

  private static Refused refusal(Throwable failed) {
    Throwable cause = failed instanceof CompletionException && failed.getCause() != null ? failed.getCause() : failed;
    return cause instanceof Refused refused ? refused : new Refused(Refused.Reason.UNAVAILABLE, "the artifact cannot be kept: " + cause);
  }

  private <T> void answer(ActorRef<T> replyTo, Supplier<T> work, T nothing) {
    context.pipeToSelf(
        CompletableFuture.supplyAsync(work, blocking),
        (answer, failed) -> {
          if (failed != null) {
            context.getLog().warn("an artifact that another node asked for cannot be read: {}", failed.getMessage());
          }
          replyTo.tell(failed == null ? answer : nothing);
          return new Done();
        });
  }

  private Described describe(String sha256) {
    if (!store.holds(sha256)) {
      return new Described(List.of());
    }
    Path stored = store.path(sha256);
    try {
      if (!Files.isDirectory(stored)) {
        return new Described(List.of(new FileEntry("", Files.size(stored))));
      }
      List<FileEntry> files = new ArrayList<>();
      for (Source source : Source.of(stored)) {
        files.add(new FileEntry(source.name(), Files.size(stored.resolve(source.name()))));
      }
      return new Described(files);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  private Block read(Read read) {
    Path stored = store.path(read.sha256());
    Path file = stored.resolve(read.file()).normalize();
    if (!file.startsWith(stored)) {
      throw new Refused(Refused.Reason.INVALID, "'%s' leads out of the artifact".formatted(read.file()));
    }
    ByteBuffer bytes = ByteBuffer.allocate(blockBytes);
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long position = read.offset();
      while (bytes.hasRemaining()) {
        int count = channel.read(bytes, position + bytes.position());
        if (count < 0) {
          break;
        }
      }
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
    return new Block(bytes.flip());
  }
}
