package io.clipper.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.replica.Placement.Copy;
import io.clipper.replica.Placement.Node;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class PlacementTest {
  private static final int CLUSTERS = 1000;

  @Test
  void aLostNodeMovesLittleMoreThanWhatItHad() {
    double movedShares = 0;
    for (int seed = 0; seed < CLUSTERS; seed++) {
      Random random = new Random(seed);
      List<Node> nodes = nodes(3 + random.nextInt(18));
      List<Copy> copies = copies(20 + random.nextInt(200), random);
      Placement before = Placement.NONE.next(copies, nodes);
      String lost = nodes.get(random.nextInt(nodes.size())).name();
      List<Node> left = nodes.stream().filter(node -> !node.name().equals(lost)).toList();

      Placement after = before.next(copies, left);

      assertThat(moved(before, after)).as("cluster %d", seed).containsExactlyInAnyOrderElementsOf(before.on(lost));
      assertBounded(after, copies.size(), left);
      movedShares += (double) moved(before, after).size() / copies.size() * nodes.size();
    }
    assertThat(movedShares / CLUSTERS).isBetween(0.9, 1.5);
  }

  @Test
  void aNewNodeTakesItsShareAndNothingElseMoves() {
    double takenShares = 0;
    for (int seed = 0; seed < CLUSTERS; seed++) {
      Random random = new Random(seed);
      List<Node> nodes = nodes(3 + random.nextInt(18));
      List<Copy> copies = copies(20 + random.nextInt(200), random);
      Placement before = Placement.NONE.next(copies, nodes.subList(1, nodes.size()));

      Placement after = before.next(copies, nodes);

      String added = nodes.getFirst().name();
      Set<String> elsewhere = new HashSet<>(moved(before, after));
      elsewhere.removeAll(after.on(added));
      assertThat(elsewhere).as("only what a node had beyond its new bound").allMatch(copy -> before.on(nodeOf(before, copy)).size() > bound(copies, nodes));
      assertBounded(after, copies.size(), nodes);
      takenShares += (double) after.on(added).size() / copies.size() * nodes.size();
    }
    assertThat(takenShares / CLUSTERS).isBetween(0.8, 1.25);
  }

  @Test
  void aRollingRestartMovesEachNodesCopiesAwayAndItsShareBack() {
    double movesPerCopy = 0;
    for (int seed = 0; seed < 100; seed++) {
      List<Node> nodes = nodes(3 + seed % 8);
      List<Copy> copies = copies(20 + seed, new Random(seed));
      Placement placement = Placement.NONE.next(copies, nodes);
      int moves = 0;
      for (Node restarted : nodes) {
        List<Node> others = nodes.stream().filter(node -> !node.equals(restarted)).toList();
        Placement without = placement.next(copies, others);
        Placement back = without.next(copies, nodes);
        assertThat(moved(placement, without)).containsExactlyInAnyOrderElementsOf(placement.on(restarted.name()));
        moves += moved(placement, without).size() + moved(without, back).size();
        placement = back;
      }
      movesPerCopy += (double) moves / copies.size();
      assertBounded(placement, copies.size(), nodes);
    }
    // Each node is emptied and filled once, which is two moves a copy; a shuffle at every step would be near two for each node.
    assertThat(movesPerCopy / 100).isLessThan(2.6);
  }

  @Test
  void theSameComesOutInWhateverOrderNodesHearOfEachOther() {
    Random random = new Random(5);
    for (int seed = 0; seed < 100; seed++) {
      List<Node> nodes = nodes(5);
      List<Copy> copies = copies(40, random);
      Placement one = Placement.NONE.next(copies, nodes);

      List<Node> shuffledNodes = new ArrayList<>(nodes);
      List<Copy> shuffledCopies = new ArrayList<>(copies);
      Collections.shuffle(shuffledNodes, random);
      Collections.shuffle(shuffledCopies, random);

      assertThat(Placement.NONE.next(shuffledCopies, shuffledNodes)).isEqualTo(one);
      assertThat(one.next(copies, nodes)).as("nothing changed, nothing moves").isEqualTo(one);
    }
  }

  @Test
  void copiesOfOneVersionAreOnDifferentNodes() {
    List<Copy> three = IntStream.range(0, 3).mapToObj(i -> new Copy("m#" + i, "m", Set.of())).toList();

    Placement alone = Placement.NONE.next(three, nodes(1));
    Placement joined = alone.next(three, nodes(2)).next(three, nodes(3));

    assertThat(new HashSet<>(Placement.NONE.next(three, nodes(3)).nodeOf().values())).hasSize(3);
    assertThat(new HashSet<>(joined.nodeOf().values())).as("after one node at a time").hasSize(3);
  }

  @Test
  void aModelsSecondCopyGoesToTheOtherNodeHoweverMuchThatHas() {
    Set<Integer> hadByTheOther = new HashSet<>();
    for (int seed = 0; seed < CLUSTERS; seed++) {
      List<Node> nodes = List.of(new Node("127.0.0.1:" + seed, Set.of()), new Node("127.0.0.1:" + (seed + CLUSTERS), Set.of()));
      List<Copy> five = IntStream.range(0, 5).mapToObj(model -> new Copy("model-" + model + "#0", "model-" + model, Set.of())).toList();
      List<Copy> six = new ArrayList<>(five);
      six.add(new Copy("model-0#1", "model-0", Set.of()));
      Placement before = Placement.NONE.next(five, nodes.subList(0, 1)).next(five, nodes);
      String has = nodeOf(before, "model-0#0");

      Placement after = before.next(six, nodes);

      assertThat(nodeOf(after, "model-0#1")).as("cluster %d", seed).isNotEqualTo(has);
      assertThat(nodeOf(after, "model-0#0")).as("cluster %d", seed).isEqualTo(has);
      assertBounded(after, 6, nodes);
      hadByTheOther.add(5 - before.on(has).size());

      Placement back = after.next(six, nodes.subList(0, 1)).next(six, nodes);
      assertThat(nodeOf(back, "model-0#1")).as("cluster %d, once it is back", seed).isNotEqualTo(nodeOf(back, "model-0#0"));
    }
    assertThat(hadByTheOther).as("a node that is full among them").contains(Placement.bound(6, 2));
  }

  @Test
  void copiesOfAModelStayEvenWhateverNodesComeAndGo() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<Node> all = nodes(2 + random.nextInt(6));
      Placement placement = Placement.NONE;
      for (int step = 0; step < 20; step++) {
        List<Node> up = new ArrayList<>(all);
        Collections.shuffle(up, random);
        up = up.subList(0, 1 + random.nextInt(up.size()));
        List<Copy> copies = copies(3 + random.nextInt(20), random);

        placement = placement.next(copies, up);

        assertBounded(placement, copies.size(), up);
        for (String family : copies.stream().map(Copy::family).distinct().toList()) {
          List<Long> counts = up.stream().map(counted(placement, copies, family)).toList();
          assertThat(Collections.max(counts) - Collections.min(counts)).as("%s in cluster %d, step %d", family, seed, step).isLessThanOrEqualTo(1);
        }
        assertThat(placement.next(copies, up)).as("nothing changed, nothing moves").isEqualTo(placement);
      }
    }
  }

  @Test
  void aCopyRunsOnlyWhereItMay() {
    List<Node> nodes = List.of(new Node("a", Set.of("machine-a")), new Node("b", Set.of("gpu")), new Node("c", Set.of("gpu")));
    List<Copy> copies = new ArrayList<>(copies(30, new Random(1)));
    for (int i = 0; i < 10; i++) {
      copies.add(new Copy("needs-gpu#" + i, "g", Set.of("gpu")));
      copies.add(new Copy("pinned#" + i, "p", Set.of("machine-a")));
    }
    copies.add(new Copy("nowhere", "n", Set.of("machine-d")));

    Placement placement = Placement.NONE.next(copies, nodes);

    assertThat(placement.on("a")).noneMatch(key -> key.startsWith("needs-gpu")).filteredOn(key -> key.startsWith("pinned")).hasSize(10);
    assertThat(placement.nodeOf()).doesNotContainKey("nowhere").hasSize(50);
    assertThat(placement.next(copies, nodes.subList(0, 2)).on("b")).filteredOn(key -> key.startsWith("needs-gpu")).hasSize(10);
    assertThat(placement.next(copies, nodes.subList(1, 3)).nodeOf()).doesNotContainKey("pinned#3");
  }

  @Test
  void aCopyThatFailedOnANodeGoesToAnotherAndBackOnlyWhenAllHaveFailed() {
    for (int seed = 0; seed < 200; seed++) {
      Random random = new Random(seed);
      List<Node> nodes = nodes(2 + random.nextInt(6));
      List<Copy> copies = copies(20, random);
      Placement placement = Placement.NONE.next(copies, nodes);
      Copy failing = copies.get(random.nextInt(copies.size()));
      Set<String> tried = new HashSet<>();
      while (tried.size() < nodes.size()) {
        assertThat(tried.add(nodeOf(placement, failing.key()))).as("cluster %d: a node that has not tried it", seed).isTrue();
        List<Copy> now = new ArrayList<>(copies);
        now.set(copies.indexOf(failing), new Copy(failing.key(), failing.family(), failing.needs(), tried));

        Placement next = placement.next(now, nodes);

        assertThat(next.nodeOf()).hasSize(copies.size());
        assertThat(next.next(now, nodes)).as("cluster %d: nothing changed, nothing moves", seed).isEqualTo(next);
        if (tried.size() == nodes.size()) {
          assertThat(nodeOf(next, failing.key())).as("cluster %d: it stays", seed).isEqualTo(nodeOf(placement, failing.key()));
        }
        placement = next;
      }
    }
  }

  @Test
  void whateverCopiesNeedTheyRunWhereTheyMayAndMoveOnlyWithTheirNode() {
    List<String> roles = List.of("gpu", "machine-a", "machine-b");
    for (int seed = 0; seed < CLUSTERS; seed++) {
      Random random = new Random(seed);
      List<Node> nodes = nodes(3 + random.nextInt(18)).stream().map(node -> new Node(node.name(), some(roles, 0.5, random))).toList();
      Map<String, Set<String>> needs = new LinkedHashMap<>();
      List<Copy> copies =
          copies(20 + random.nextInt(200), random).stream()
              .map(copy -> new Copy(copy.key(), copy.family(), needs.computeIfAbsent(copy.family(), family -> some(roles, 0.1, random))))
              .toList();
      Placement before = Placement.NONE.next(copies, nodes);
      assertPlacedByNeeds(before, copies, nodes, seed);
      String lost = nodes.get(random.nextInt(nodes.size())).name();
      List<Node> left = nodes.stream().filter(node -> !node.name().equals(lost)).toList();

      Placement after = before.next(copies, left);

      assertPlacedByNeeds(after, copies, left, seed);
      assertThat(after.next(copies, left)).as("cluster %d: nothing changed, nothing moves", seed).isEqualTo(after);
      int bound = bound(copies, left);
      assertThat(moved(before, after))
          .as("cluster %d: only what was lost, or was beyond a bound that those with needs had broken", seed)
          .allMatch(copy -> nodeOf(before, copy).equals(lost) || before.on(nodeOf(before, copy)).size() + before.on(lost).size() > bound);
    }
  }

  private static Set<String> some(List<String> roles, double chance, Random random) {
    return roles.stream().filter(role -> random.nextDouble() < chance).collect(Collectors.toSet());
  }

  private static void assertPlacedByNeeds(Placement placement, List<Copy> copies, List<Node> nodes, int seed) {
    Map<String, Node> byName = nodes.stream().collect(Collectors.toMap(Node::name, node -> node));
    for (Copy copy : copies) {
      String place = placement.nodeOf().get(copy.key());
      if (place == null) {
        assertThat(nodes).as("cluster %d, %s", seed, copy).noneMatch(node -> node.roles().containsAll(copy.needs()));
      } else {
        assertThat(Objects.requireNonNull(byName.get(place)).roles()).as("cluster %d, %s", seed, copy).containsAll(copy.needs());
      }
    }
  }

  @Test
  void withoutNodesNothingRuns() {
    assertThat(Placement.NONE.next(List.of(Copy.of("m")), List.of())).isEqualTo(Placement.NONE);
  }

  @Test
  void aFurtherCopyGoesWhereTheNextPlacementWouldHaveIt() {
    List<Node> nodes = nodes(6);
    List<Copy> copies = IntStream.range(0, 64).mapToObj(i -> Copy.of("shard-" + i)).toList();
    Placement grown = Placement.NONE.next(List.of(), nodes);
    for (int i = 0; i < copies.size(); i++) {
      String best = grown.best(copies.get(i), copies.size(), nodes).orElseThrow();
      List<Copy> sofar = copies.subList(0, i + 1);
      grown = new Placement(grown.nodes(), with(grown, copies.get(i).key(), best));
      assertThat(sofar).hasSameSizeAs(grown.nodeOf().keySet());
    }
    assertBounded(grown, copies.size(), nodes);
    assertThat(grown.next(copies, nodes)).isEqualTo(grown);
  }

  private static Map<String, String> with(Placement placement, String key, String node) {
    var more = new LinkedHashMap<>(placement.nodeOf());
    more.put(key, node);
    return more;
  }

  private static String nodeOf(Placement placement, String copy) {
    return Objects.requireNonNull(placement.nodeOf().get(copy));
  }

  private static List<String> moved(Placement before, Placement after) {
    return before.nodeOf().keySet().stream().filter(copy -> !nodeOf(before, copy).equals(after.nodeOf().get(copy))).toList();
  }

  private static void assertBounded(Placement placement, int copies, Collection<Node> nodes) {
    assertThat(placement.nodeOf()).hasSize(copies);
    assertThat(nodes).allMatch(node -> placement.on(node.name()).size() <= Placement.bound(copies, nodes.size()));
  }

  private static Function<Node, Long> counted(Placement placement, List<Copy> copies, String family) {
    return node -> copies.stream().filter(copy -> copy.family().equals(family) && nodeOf(placement, copy.key()).equals(node.name())).count();
  }

  private static int bound(List<Copy> copies, List<Node> nodes) {
    return Placement.bound(copies.size(), nodes.size());
  }

  private static List<Node> nodes(int count) {
    return IntStream.range(0, count).mapToObj(i -> new Node("10.0.0.%d:25520".formatted(i), Set.of())).toList();
  }

  /** Of models that have one to four copies each. */
  private static List<Copy> copies(int count, Random random) {
    List<Copy> copies = new ArrayList<>();
    for (int model = 0; copies.size() < count; model++) {
      int replicas = Math.min(1 + random.nextInt(4), count - copies.size());
      for (int i = 0; i < replicas; i++) {
        copies.add(new Copy("model-%d:1#%d".formatted(model, i), "model-" + model, Set.of()));
      }
    }
    assertThat(copies.stream().map(Copy::key).collect(Collectors.toSet())).hasSize(count);
    return copies;
  }
}
