package io.clipper.replica;

import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Which node runs which copies: rendezvous hashing (Thaler and Ravishankar, 1998) with bounded loads (Mirrokni, Thorup and Zadimoghaddam,
 * SODA 2018, with ε = 0.25), that moves nothing without need.
 *
 * @param nodes those it was made for
 * @param nodeOf by copy; a copy that no node may run is missing
 */
public record Placement(Set<String> nodes, Map<String, String> nodeOf) {
  public static final Placement NONE = new Placement(Set.of(), Map.of());

  private static final double EPSILON = 0.25;

  /**
   * Something that one node is to run.
   *
   * @param key its name; no two have the same
   * @param family copies of the same thing, which go to different nodes where there are enough
   * @param needs roles that its node has
   */
  public record Copy(String key, String family, Set<String> needs) {
    public Copy {
      needs = Set.copyOf(needs);
    }

    /** One of its kind, that any node may run. */
    public static Copy of(String key) {
      return new Copy(key, key, Set.of());
    }

    private boolean mayRunOn(Node node) {
      return node.roles().containsAll(needs);
    }
  }

  /** @param name the same after a restart */
  public record Node(String name, Set<String> roles) {
    public Node {
      roles = Set.copyOf(roles);
    }
  }

  public Placement {
    nodes = Set.copyOf(nodes);
    nodeOf = Collections.unmodifiableMap(new LinkedHashMap<>(nodeOf));
  }

  public List<String> on(String node) {
    return nodeOf.entrySet().stream().filter(placed -> placed.getValue().equals(node)).map(Map.Entry::getKey).toList();
  }

  /** The most copies of one node, as long as copies are free to choose. */
  public static int bound(int copies, int nodes) {
    return (int) Math.ceil((1 + EPSILON) * copies / nodes);
  }

  /**
   * The placement after this one. A copy stays where it is, unless its node is gone, may not run it or has more than its bound, or a node
   * is new and of all the copy's nodes the best.
   */
  public Placement next(Collection<Copy> copies, Collection<Node> members) {
    if (members.isEmpty()) {
      return NONE;
    }
    return new Round(copies, members).placed();
  }

  /**
   * Where a further copy would go, of those that have no others of their family.
   *
   * @param copiesAfter how many there are with it
   */
  public Optional<String> best(Copy copy, int copiesAfter, Collection<Node> members) {
    Round round = new Round(List.of(), members);
    nodeOf.forEach((key, node) -> round.put(Copy.of(key), node));
    return round.best(copy, bound(copiesAfter, members.size()));
  }

  /** 64 bits that look random, the same on every node: FNV-1a, mixed as in SplitMix64. */
  public static long score(String node, String key) {
    long hash = fnv(fnv(0xcbf29ce484222325L, node) * 31, key);
    hash = (hash ^ (hash >>> 30)) * 0xbf58476d1ce4e5b9L;
    hash = (hash ^ (hash >>> 27)) * 0x94d049bb133111ebL;
    return hash ^ (hash >>> 31);
  }

  private static long fnv(long start, String text) {
    long hash = start;
    for (int i = 0; i < text.length(); i++) {
      hash = (hash ^ text.charAt(i)) * 0x100000001b3L;
    }
    return hash;
  }

  /** One computation of a placement. Copies are looked at in the order of their names, so that all nodes come to the same. */
  private final class Round {
    private final List<Copy> copies;
    private final Map<String, Node> members = new HashMap<>();
    private final Map<String, String> placed = new LinkedHashMap<>();
    private final Map<String, Integer> loads = new HashMap<>();
    private final Map<String, Integer> ofFamily = new HashMap<>();

    Round(Collection<Copy> copies, Collection<Node> members) {
      this.copies = copies.stream().sorted(Comparator.comparing(Copy::key)).toList();
      members.forEach(node -> this.members.put(node.name(), node));
    }

    Placement placed() {
      List<Copy> homeless = new ArrayList<>();
      for (Copy copy : copies) {
        String before = nodeOf.get(copy.key());
        if (before != null && mayRun(copy, before)) {
          put(copy, before);
        } else {
          homeless.add(copy);
        }
      }
      int bound = bound(copies.size(), members.size());
      welcome(bound);
      homeless.addAll(overflow(bound));
      for (Copy copy : homeless) {
        best(copy, bound).ifPresent(node -> put(copy, node));
      }
      return new Placement(members.keySet(), placed);
    }

    /** A new node that has room takes the copies that it is the best node for, whatever room the others have. */
    private void welcome(int bound) {
      Set<String> strangers = new HashSet<>(members.keySet());
      strangers.removeAll(nodes);
      if (strangers.isEmpty()) {
        return;
      }
      for (Copy copy : copies) {
        String before = placed.remove(copy.key());
        if (before != null) {
          count(copy, before, -1);
          put(copy, best(copy, Integer.MAX_VALUE).filter(node -> strangers.contains(node) && !isFull(node, bound)).orElse(before));
        }
      }
    }

    /** Whatever a node has beyond the bound, the copies first for which it is the worst. Who is bound to one node stays. */
    private List<Copy> overflow(int bound) {
      List<Copy> leaving = new ArrayList<>();
      for (String node : members.keySet().stream().sorted().toList()) {
        List<Copy> free =
            copies.stream()
                .filter(copy -> node.equals(placed.get(copy.key())) && hasChoice(copy))
                .sorted(Comparator.comparingLong((Copy copy) -> score(node, copy.key())))
                .toList();
        int excess = Math.min(loads.getOrDefault(node, 0) - bound, free.size());
        for (Copy copy : free.subList(0, Math.max(0, excess))) {
          placed.remove(copy.key());
          count(copy, node, -1);
          leaving.add(copy);
        }
      }
      leaving.sort(Comparator.comparing(Copy::key));
      return leaving;
    }

    private boolean hasChoice(Copy copy) {
      return members.values().stream().filter(copy::mayRunOn).limit(2).count() > 1;
    }

    private boolean mayRun(Copy copy, String node) {
      Node member = members.get(node);
      return member != null && copy.mayRunOn(member);
    }

    /** With room before full, with few of the family before many, then by score. Where all that may are full, one goes beyond the bound. */
    private Optional<String> best(Copy copy, int bound) {
      return members.values().stream()
          .filter(copy::mayRunOn)
          .map(Node::name)
          .min(
              Comparator.comparing((String node) -> isFull(node, bound))
                  .thenComparing(node -> ofFamily.getOrDefault(familyOn(copy, node), 0))
                  .thenComparing(node -> score(node, copy.key()), Comparator.reverseOrder())
                  .thenComparing(Comparator.naturalOrder()));
    }

    private boolean isFull(String node, int bound) {
      return loads.getOrDefault(node, 0) >= bound;
    }

    private void put(Copy copy, String node) {
      placed.put(copy.key(), node);
      count(copy, node, 1);
    }

    private void count(Copy copy, String node, int change) {
      loads.merge(node, change, Integer::sum);
      ofFamily.merge(familyOn(copy, node), change, Integer::sum);
    }

    private static String familyOn(Copy copy, String node) {
      return node + '\n' + copy.family();
    }
  }
}
