package io.clipper.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.typesafe.config.Config;
import io.clipper.Refused;
import io.clipper.membership.NodeRoles;
import io.clipper.node.command.HostPort;
import io.clipper.node.command.NodeOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NodeSettingsTest {
  private static final Optional<String> DATABASE = Optional.of("jdbc:postgresql://db/clipper");
  private static final List<HostPort> OTHERS = List.of(new HostPort("10.0.0.4", 25520));

  @Test
  void aNodeDoesAllUnlessItJoinsWithoutADatabase() {
    assertThat(NodeSettings.roles(options(List.of(), Optional.empty()))).isEqualTo(NodeRoles.ALL);
    assertThat(NodeSettings.roles(options(List.of(), DATABASE))).isEqualTo(NodeRoles.ALL);
    assertThat(NodeSettings.roles(options(OTHERS, DATABASE))).isEqualTo(NodeRoles.ALL);
    assertThat(NodeSettings.roles(options(OTHERS, Optional.empty()))).containsExactlyInAnyOrder("gateway", "replica");
    assertThat(NodeSettings.roles(options(OTHERS, DATABASE, "replica"))).containsExactly("replica");
  }

  @Test
  void whoKeepsStateShowsWhetherOthersCanKeepTheirsThere() {
    assertThat(shown(options(List.of(), DATABASE))).contains("application", NodeRoles.SHARED_DATABASE);
    assertThat(shown(options(List.of(), Optional.empty()))).contains("application").doesNotContain(NodeRoles.SHARED_DATABASE);
    assertThat(shown(options(OTHERS, DATABASE, "replica"))).contains("replica").doesNotContain(NodeRoles.SHARED_DATABASE);
  }

  @Test
  void aRoleThatThereIsNotIsRefusedWithThoseThatThereAre() {
    assertRefused(options(OTHERS, DATABASE, "replica", "router"), "--roles: there is no role router, but application, gateway, replica");
  }

  @Test
  void aFirstNodeKeepsState() {
    assertRefused(
        options(List.of(), DATABASE, "gateway"), "--roles: a node without the role application keeps no state: give --join HOST:PORT of one that does");
  }

  @Test
  void aNodeThatJoinsKeepsStateOnlyWhereTheOthersDo() {
    assertRefused(
        options(OTHERS, Optional.empty(), "application"),
        "--roles application: a node that joins keeps state only in the cluster's database: give its --jdbc URL");
  }

  @Test
  void aNodeDoesNotJoinItself() {
    HostPort self = new HostPort("127.0.0.1", 25520);
    assertRefused(
        options(List.of(self), Optional.empty()), "--join 127.0.0.1:25520 is this node itself: name another, or give --cluster-port");

    Config withOthers = NodeSettings.config(options(List.of(self, OTHERS.getFirst()), Optional.empty()));
    assertThat(withOthers.getStringList("pekko.cluster.seed-nodes")).containsExactly("pekko://clipper@10.0.0.4:25520");
    assertThat(withOthers.getStringList("clipper.cluster.join")).isEmpty();
  }

  @Test
  void aNodeWithTheDatabaseFindsTheOthersThere() {
    Config config = NodeSettings.config(options(OTHERS, DATABASE));

    assertThat(config.getStringList("pekko.cluster.seed-nodes")).isEmpty();
    assertThat(config.getStringList("clipper.cluster.join")).containsExactly("10.0.0.4:25520");
  }

  @Test
  void theDatabaseThatNodesShareIsAServer() {
    for (String url : List.of("jdbc:h2:file:/tmp/clipper", "jdbc:h2:tcp://db/clipper", "jdbc:mysql://u:secret@db/clipper")) {
      assertRefused(
          options(List.of(), Optional.of(url)),
          "--jdbc: nodes share a database at jdbc:postgresql://HOST/DATABASE?user=U&password=P; a node's own file is --data DIR");
    }
  }

  @Test
  void aHostIsAnAddressThatOthersCanCall() {
    assertRefused(at("0.0.0.0"), "--host 0.0.0.0 is every address of this machine: say by --advertise which of them other nodes call");
    assertRefused(at("nowhere.invalid"), "--host nowhere.invalid: there is no such address");
  }

  @Test
  void whereNobodyAnswersTheReasonMayBeACertificate() {
    assertThat(NodeSettings.unanswered(options(OTHERS, DATABASE))).hasMessage("no node of a cluster answers at [10.0.0.4:25520]: see --join");
    assertThat(NodeSettings.unanswered(options("127.0.0.1", Optional.empty(), Optional.of(Path.of("keys")), OTHERS, DATABASE, Set.of())))
        .hasMessage("no node of a cluster answers at [10.0.0.4:25520]: see --join, and whether their certificates are of the authority in --tls");
  }

  @Test
  void aTokenThatIsNotThereIsRefused(@TempDir Path folder) throws IOException {
    Path empty = Files.writeString(folder.resolve("empty"), " \n");

    assertThatThrownBy(() -> NodeSettings.config(guarded(empty))).isEqualTo(invalid("%s is empty: see --token-file".formatted(empty)));
    Path nowhere = folder.resolve("nowhere");
    assertThatThrownBy(() -> NodeSettings.config(guarded(nowhere))).isEqualTo(invalid("%s cannot be read: see --token-file".formatted(nowhere)));
  }

  private static void assertRefused(NodeOptions options, String words) {
    assertThatThrownBy(() -> NodeSettings.check(options)).isEqualTo(invalid(words));
  }

  private static Refused invalid(String words) {
    return new Refused(Refused.Reason.INVALID, words);
  }

  private static List<String> shown(NodeOptions options) {
    return NodeSettings.config(options).getStringList("pekko.cluster.roles");
  }

  private static NodeOptions options(List<HostPort> join, Optional<String> jdbc, String... roles) {
    return options("127.0.0.1", Optional.empty(), join, jdbc, Set.of(roles));
  }

  private static NodeOptions at(String host) {
    return options(host, Optional.empty(), List.of(), Optional.empty(), Set.of());
  }

  private static NodeOptions guarded(Path tokenFile) {
    return options("127.0.0.1", Optional.of(tokenFile), List.of(), Optional.empty(), Set.of());
  }

  private static NodeOptions options(String host, Optional<Path> tokenFile, List<HostPort> join, Optional<String> jdbc, Set<String> roles) {
    return options(host, tokenFile, Optional.empty(), join, jdbc, roles);
  }

  private static NodeOptions options(
      String host, Optional<Path> tokenFile, Optional<Path> tls, List<HostPort> join, Optional<String> jdbc, Set<String> roles) {
    return new NodeOptions(
        Path.of("data"),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty(),
        host,
        Optional.empty(),
        tokenFile,
        tls,
        false,
        Optional.empty(),
        Optional.empty(),
        jdbc,
        join,
        roles,
        true,
        Optional.empty());
  }
}
