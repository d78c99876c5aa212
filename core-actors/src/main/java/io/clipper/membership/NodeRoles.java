package io.clipper.membership;

import java.util.Optional;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.cluster.typed.Cluster;

/**
 * What a node does in its cluster.
 *
 * @param names as its members show them
 */
public record NodeRoles(Set<String> names) {
  /** It has ports for clients; every node has one for management. */
  public static final String GATEWAY = "gateway";
  /** It keeps state: the catalog, the loops and their ledgers live there. */
  public static final String APPLICATION = "application";
  /** It runs copies of models. */
  public static final String REPLICA = "replica";

  /** Its machine has a GPU that ONNX Runtime may use. */
  public static final String GPU = "gpu";

  /** Of a node that keeps state: others may keep theirs in the same database. */
  public static final String SHARED_DATABASE = "shared-database";

  private static final String MACHINE = "machine-";
  private static final String STORE = "store-";

  public static final Set<String> ALL = Set.of(GATEWAY, APPLICATION, REPLICA);
  /** Of a node that has no database. */
  public static final Set<String> STATELESS = Set.of(GATEWAY, REPLICA);

  public NodeRoles {
    names = Set.copyOf(names);
  }

  public static NodeRoles of(ActorSystem<?> system) {
    return new NodeRoles(Cluster.get(system).selfMember().getRoles());
  }

  /** Of the nodes of that machine: what only it has is found there. */
  public static String machine(String name) {
    return MACHINE + name;
  }

  /** Of the nodes over that database. */
  static String store(String id) {
    return STORE + id;
  }

  static boolean isStore(String role) {
    return role.startsWith(STORE);
  }

  static boolean isMachine(String role) {
    return role.startsWith(MACHINE);
  }

  /** The name of the node's machine, where it has said so. */
  public Optional<String> machine() {
    return names.stream().filter(NodeRoles::isMachine).map(role -> role.substring(MACHINE.length())).findFirst();
  }

  public boolean takesQueries() {
    return names.contains(GATEWAY);
  }

  public boolean keepsState() {
    return names.contains(APPLICATION);
  }

  public boolean runsReplicas() {
    return names.contains(REPLICA);
  }
}
