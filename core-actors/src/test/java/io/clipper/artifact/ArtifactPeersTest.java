package io.clipper.artifact;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Aside;
import io.clipper.Refused;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What one node has that another needs, and what nodes that keep state take in. */
class ArtifactPeersTest {
  private static final ActorTestKit ACTORS = ActorTestKit.create();
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @TempDir private Path temporary;
  private ArtifactStore there = ArtifactStore.open(Path.of("target", "no-artifacts"));
  private ArtifactStore here = there;

  @AfterAll
  static void stop() {
    ACTORS.shutdownTestKit();
  }

  @BeforeEach
  void open() {
    there = ArtifactStore.open(temporary.resolve("there"));
    here = ArtifactStore.open(temporary.resolve("here"));
  }

  @Test
  void aFileOfManyBlocksAndAFolderComeFromAnotherNode() throws IOException {
    byte[] bytes = new byte[(1 << 20) + 1];
    new Random(7).nextBytes(bytes);
    String file = there.store(bytes);
    Path source = Files.createDirectories(temporary.resolve("source"));
    Files.writeString(Files.createDirectories(source.resolve("net")).resolve("model.py"), "abc");
    Files.writeString(source.resolve("requirements.txt"), "");
    String folder = there.store(source);

    ArtifactFetcher fetcher = fetcher(peer(there));

    assertThat(fetcher.path(file)).hasBinaryContent(bytes);
    assertThat(fetcher.path(folder).resolve("net/model.py")).hasContent("abc");
    assertThat(here.isIntact(folder)).isTrue();
  }

  @Test
  void whatOneMemberBreaksOffWithOrHasDamagedComesFromTheNext() throws IOException {
    String sha256 = there.store(abc());
    ArtifactStore damaged = ArtifactStore.open(temporary.resolve("damaged"));
    damaged.store(abc());
    Files.writeString(damaged.path(sha256), "abd");

    assertThat(fetcher(dying(), silent(), peer(damaged), peer(there)).path(sha256)).hasContent("abc");
  }

  @Test
  void whyNoMemberGaveItIsSaidOfEach() throws IOException {
    String sha256 = there.store(abc());

    Refused refused = catchThrowableOfType(Refused.class, () -> fetcher(dying(), silent(), peer(here)).path(sha256));

    assertThat(refused)
        .hasMessageContaining("it ends in the middle")
        .hasMessageContaining("it does not answer")
        .hasMessageContaining("does not have it");
    assertThat(refused.getMessage()).as("in words for people").doesNotContain("Actor[", "Exception");
    try (Stream<Path> left = Files.list(temporary.resolve("here"))) {
      assertThat(left).isEmpty();
    }
  }

  @Test
  void aNodeThatKeepsNoStateBringsItToOneThatDoes() {
    ActorRef<ArtifactActor.Command> keeper = keeper();
    String sha256 = here.store(abc());

    keepers(List.of(keeper)).keep(sha256).toCompletableFuture().join();

    assertThat(there.path(sha256)).hasContent("abc");
  }

  @Test
  void whatIsNotHereIsBroughtToNobody() {
    String elsewhere = there.store(abc());

    assertThat(keepers(List.of()).keep(elsewhere).toCompletableFuture().join()).isNull();
  }

  @Test
  void theNextIsAskedWhereOneRefusesAndTheLastRefusalCounts() {
    String sha256 = here.store(abc());
    ActorRef<ArtifactActor.Command> full = refusing("no room");

    keepers(List.of(full, keeper())).keep(sha256).toCompletableFuture().join();
    assertThat(there.holds(sha256)).isTrue();

    assertThat(keepers(List.of(full, refusing("no room here either"))).keep(sha256).toCompletableFuture())
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withCause(new Refused(Refused.Reason.UNAVAILABLE, "no room here either"));
    assertThat(keepers(List.of()).keep(sha256).toCompletableFuture())
        .failsWithin(PATIENCE)
        .withThrowableThat()
        .withMessageContaining("no node that keeps state is in reach");
  }

  @Test
  void whoIsStillAtItIsAskedAgain() {
    String sha256 = here.store(abc());
    AtomicInteger asked = new AtomicInteger();
    ActorRef<ArtifactActor.Command> slow =
        ACTORS.spawn(
            Behaviors.receiveMessage(
                command -> {
                  if (command instanceof ArtifactActor.Keep keep && asked.incrementAndGet() > 2) {
                    keep.replyTo().tell(new ArtifactActor.Kept(Optional.empty()));
                  }
                  return Behaviors.same();
                }));

    new ArtifactKeepers(ACTORS.system(), here, ACTORS.spawn(actor(here)), () -> List.of(slow), Duration.ofMillis(10)).keep(sha256).toCompletableFuture().join();

    assertThat(asked).hasValue(3);
  }

  private ArtifactKeepers keepers(List<ActorRef<ArtifactActor.Command>> all) {
    return new ArtifactKeepers(ACTORS.system(), here, ACTORS.spawn(actor(here)), () -> all, PATIENCE);
  }

  private ActorRef<ArtifactActor.Command> keeper() {
    ArtifactFetcher fetcher = new ArtifactFetcher(there, List.of());
    return ACTORS.spawn(ArtifactActor.create(there, Optional.of(fetcher::path), Aside.THREADS));
  }

  private static ActorRef<ArtifactActor.Command> refusing(String why) {
    ArtifactActor.Keeping none =
        (sha256, from) -> {
          throw new Refused(Refused.Reason.UNAVAILABLE, why);
        };
    return ACTORS.spawn(ArtifactActor.create(ArtifactStore.open(Path.of("target", "no-artifacts")), Optional.of(none), Aside.THREADS));
  }

  private ArtifactFetcher fetcher(ArtifactSource... members) {
    return new ArtifactFetcher(here, List.of(), () -> List.of(members));
  }

  private static ArtifactSource peer(ArtifactStore store) {
    return new ArtifactPeer(ACTORS.system(), ACTORS.spawn(actor(store)));
  }

  /** Says that it has it, gives a part of it, and then no more. */
  private static ArtifactSource dying() {
    return new ArtifactPeer(ACTORS.system(), ACTORS.spawn(describing(read -> read.replyTo().tell(part(read.offset())))));
  }

  private static ArtifactActor.Block part(long offset) {
    return new ArtifactActor.Block(ByteBuffer.wrap(offset == 0 ? new byte[] {'a'} : new byte[0]));
  }

  /** Says that it has it, and then nothing. */
  private static ArtifactSource silent() {
    return new ArtifactPeer(ACTORS.system(), ACTORS.spawn(describing(read -> {})), Duration.ofMillis(10));
  }

  /** What becomes of a question for a block. */
  private interface Reading {
    void answer(ArtifactActor.Read read);
  }

  private static Behavior<ArtifactActor.Command> describing(Reading reading) {
    return Behaviors.receiveMessage(
        command -> {
          if (command instanceof ArtifactActor.Describe describe) {
            describe.replyTo().tell(new ArtifactActor.Described(List.of(new ArtifactActor.FileEntry("", 3))));
          } else if (command instanceof ArtifactActor.Read read) {
            reading.answer(read);
          }
          return Behaviors.same();
        });
  }

  private static Behavior<ArtifactActor.Command> actor(ArtifactStore store) {
    return ArtifactActor.create(store, Optional.empty(), Aside.THREADS);
  }

  private static byte[] abc() {
    return "abc".getBytes(StandardCharsets.UTF_8);
  }
}
