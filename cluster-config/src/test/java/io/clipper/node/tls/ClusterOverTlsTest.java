package io.clipper.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.SSLSocket;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.cluster.typed.Cluster;
import org.apache.pekko.cluster.typed.JoinSeedNodes;
import org.apache.pekko.cluster.typed.SelfUp;
import org.apache.pekko.cluster.typed.Subscribe;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Actor systems that find each other over TLS, or do not: one that is not let in gives up and ends. */
class ClusterOverTlsTest {
  private static final int SECONDS = 60;
  private static final String NEVER = "off";
  /** Who is not to be let in is not in a hurry, and its end is waited for. */
  private static final String SOON = "4 s";

  @TempDir private Path ours;
  @TempDir private Path theirs;
  private final List<ActorSystem<SelfUp>> systems = new ArrayList<>();

  @AfterEach
  void stopAll() throws Exception {
    // Nobody is left behind who would have to be told.
    systems.forEach(ActorSystem::terminate);
    for (ActorSystem<SelfUp> system : systems) {
      system.getWhenTerminated().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    }
  }

  @Test
  void nodesOfOneAuthorityAreACluster() throws Exception {
    Member first = first(ours, true);

    Member second = start(ours, true, NEVER, first.address());

    second.up().get(SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void aNodeOfAnotherAuthorityIsNotLetIn() throws Exception {
    Member first = first(ours, true);
    certify(theirs, "127.0.0.1");

    Member stranger = start(theirs, true, SOON, first.address());

    stranger.system().getWhenTerminated().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    assertThat(stranger.up()).isNotDone();
    assertThat(Cluster.get(first.system()).state().getMembers()).hasSize(1);
  }

  @Test
  void aNodeWhoseCertificateNamesAnotherHostIsNotTrusted() throws Exception {
    certify(ours, "127.0.0.1");
    certifyWith(ours, theirs, "other.example");
    Member misnamed = firstOf(theirs, true);

    Member second = start(ours, true, SOON, misnamed.address());

    second.system().getWhenTerminated().toCompletableFuture().get(SECONDS, TimeUnit.SECONDS);
    assertThat(second.up()).isNotDone();
  }

  @Test
  void itIsTrustedWhereNamesAreNotVerified() throws Exception {
    certify(ours, "127.0.0.1");
    certifyWith(ours, theirs, "other.example");
    Member misnamed = firstOf(theirs, false);

    Member second = start(ours, false, NEVER, misnamed.address());

    second.up().get(SECONDS, TimeUnit.SECONDS);
  }

  @Test
  void whoeverShowsNoCertificateIsRefused() throws Exception {
    Member first = first(ours, true);

    try (SSLSocket socket = (SSLSocket) TestTls.trusting(ours).getSocketFactory().createSocket("127.0.0.1", first.address().getPort().orElseThrow())) {
      socket.setSoTimeout(SECONDS * 1000);
      socket.startHandshake();
      // In TLS 1.3 the server looks at the client's certificate after the client has finished; the alert is what is read first.
      IOException refused = catchThrowableOfType(IOException.class, () -> socket.getInputStream().read());

      assertThat(refused).isNotNull().isNotInstanceOf(SocketTimeoutException.class);
    }
  }

  /** One member of a cluster. */
  private record Member(ActorSystem<SelfUp> system, CompletableFuture<SelfUp> up) {
    Address address() {
      return Cluster.get(system).selfMember().address();
    }
  }

  private Member first(Path folder, boolean hostnameVerification) throws Exception {
    certify(folder, "127.0.0.1");
    return firstOf(folder, hostnameVerification);
  }

  private Member firstOf(Path folder, boolean hostnameVerification) throws Exception {
    Member member = start(folder, hostnameVerification, NEVER);
    member.up().get(SECONDS, TimeUnit.SECONDS);
    return member;
  }

  /** @param givesUp when it ends that has not been let in */
  private Member start(Path folder, boolean hostnameVerification, String givesUp, Address... seeds) {
    Config settings =
        ConfigFactory.parseString(
                """
                pekko.remote.artery.canonical { hostname = 127.0.0.1, port = 0 }
                pekko.cluster.shutdown-after-unsuccessful-join-seed-nodes = %s
                pekko.coordinated-shutdown { run-by-jvm-shutdown-hook = off, run-by-actor-system-terminate = off }
                pekko.loglevel = OFF
                """
                    .formatted(givesUp))
            .withFallback(ConfigFactory.parseMap(Map.of(NodeEngineProvider.HOSTNAME_VERIFICATION, hostnameVerification)))
            .withFallback(TlsFolder.at(folder).config())
            .withFallback(ConfigFactory.parseResources("clipper-node.conf"))
            .withFallback(ConfigFactory.load());
    CompletableFuture<SelfUp> up = new CompletableFuture<>();
    ActorSystem<SelfUp> system =
        ActorSystem.create(
            Behaviors.setup(
                context -> {
                  Cluster.get(context.getSystem()).subscriptions().tell(Subscribe.create(context.getSelf(), SelfUp.class));
                  return Behaviors.receiveMessage(
                      event -> {
                        up.complete(event);
                        return Behaviors.same();
                      });
                }),
            "tls",
            settings);
    systems.add(system);
    Cluster cluster = Cluster.get(system);
    cluster.manager().tell(new JoinSeedNodes(seeds.length == 0 ? List.of(cluster.selfMember().address()) : List.of(seeds)));
    return new Member(system, up);
  }

  private static void certify(Path folder, String host) {
    certifyWith(folder, folder, host);
  }

  private static void certifyWith(Path authority, Path folder, String host) {
    TestAuthority.in(authority).certify(List.of(host), 30, folder);
  }
}
