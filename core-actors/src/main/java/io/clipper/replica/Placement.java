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
import java.util.function.Predicate;

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
  /** Of 1 000 random clusters none needed a fourth. */
  private static final int MOST_ROUNDS = 8;

  /**
   * Something that one node is to run.
   *
   * @param key its name; no two have the same
   * @param family copies of the same thing, which go to different nodes where there are enough
   * @param needs roles that its node has
   * @param avoided nodes that are left alone as long as another may run it: it failed there
   */
  public record Copy(String key, String family, Set<String> needs, Set<String> avoided) {
    public Copy {
      needs = Set.copyOf(needs);
      avoided = Set.copyOf(avoided);
    }

    /** One that has failed nowhere. */
    public Copy(String key, String family, Set<String> needs) {
      this(key, family, needs, Set.of());
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
   * The placement after this one. A copy stays where it is, unless its node is gone, may not run it or is avoided while another may, has more
   * than its bound or two more of the copy's family than another, or a node is new and of all the copy's nodes the best.
   */
  public Placement next(Collection<Copy> copies, Collection<Node> members) {
    if (members.isEmpty()) {
      return NONE;
    }
    Placement next = new Round(copies, members).placed();
    // Where copies may not run everywhere, one that found its place last may leave others to move.
    boolean settles = copies.stream().allMatch(copy -> copy.avoided().isEmpty() && members.stream().allMatch(copy::mayRunOn));
    for (int round = 1; round < MOST_ROUNDS && !settles; round++) {
      Placement before = next;
      next = before.new Round(copies, members).placed();
      settles = next.equals(before);
    }
    return next;
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
    private final Map<String, Integer> familySizes = new HashMap<>();
    /** Of each copy that was looked at: it is looked at again for every node that is full. */
    private final Map<String, List<String>> candidates = new HashMap<>();

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
      spread(bound);
      welcome(bound);
      for (Copy copy : homeless) {
        best(copy, bound).ifPresent(node -> put(copy, node));
      }
      relieve(bound);
      return new Placement(members.keySet(), placed);
    }

    /** Of a family of which a node has two more than another, one moves. */
    private void spread(int bound) {
      for (Copy copy : copies) {
        String before = placed.get(copy.key());
        if (before != null) {
          best(copy, bound).filter(node -> ofFamily(copy, node) < ofFamily(copy, before) - 1).ifPresent(node -> move(copy, before, node));
        }
      }
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

    /**
     * Of what a node has beyond the bound, the copies for which it is the worst move to where there is room, unless a family would be less
     * spread than before.
     */
    private void relieve(int bound) {
      for (String node : members.keySet().stream().sorted().toList()) {
        List<Copy> here =
            copies.stream()
                .filter(copy -> node.equals(placed.get(copy.key())))
                .sorted(Comparator.comparingLong((Copy copy) -> score(node, copy.key())))
                .toList();
        for (Copy copy : here) {
          if (loads.getOrDefault(node, 0) > bound) {
            bestOf(copy, bound, other -> !isFull(other, bound) && ofFamily(copy, other) < ofFamily(copy, node)).ifPresent(other -> move(copy, node, other));
          }
        }
      }
    }

    private boolean mayRun(Copy copy, String node) {
      return candidates(copy).contains(node);
    }

    private List<String> candidates(Copy copy) {
      return candidates.computeIfAbsent(copy.key(), key -> candidatesOf(copy));
    }

    /** Those that may run it and are not avoided; where there is none, those that may run it. */
    private List<String> candidatesOf(Copy copy) {
      List<String> able = members.values().stream().filter(copy::mayRunOn).map(Node::name).toList();
      if (copy.avoided().isEmpty()) {
        return able;
      }
      List<String> fresh = able.stream().filter(node -> !copy.avoided().contains(node)).toList();
      return fresh.isEmpty() ? able : fresh;
    }

    /** With few of the family before many, with room before full, then by score: a full node sheds something else for a family's sake. */
    private Optional<String> best(Copy copy, int bound) {
      return bestOf(copy, bound, node -> true);
    }

    private Optional<String> bestOf(Copy copy, int bound, Predicate<String> allowed) {
      return candidates(copy).stream()
          .filter(allowed)
          .min(
              Comparator.comparing((String node) -> ofFamily(copy, node))
                  .thenComparing(node -> isFull(node, bound))
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

    private void move(Copy copy, String from, String to) {
      count(copy, from, -1);
      put(copy, to);
    }

    private void count(Copy copy, String node, int change) {
      loads.merge(node, change, Integer::sum);
      familySizes.merge(familyOn(copy, node), change, Integer::sum);
    }

    private int ofFamily(Copy copy, String node) {
      return familySizes.getOrDefault(familyOn(copy, node), 0);
    }

    private static String familyOn(Copy copy, String node) {
      return node + '\n' + copy.family();
    }
  }
}
