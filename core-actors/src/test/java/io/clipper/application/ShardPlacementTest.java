package io.clipper.application;

import static org.assertj.core.api.Assertions.assertThat;

import com.typesafe.config.ConfigFactory;
import io.clipper.membership.Members;
import io.clipper.replica.Placement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.Address;
import org.apache.pekko.actor.ExtendedActorSystem;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import scala.collection.immutable.IndexedSeq;
import scala.concurrent.Future;
import scala.jdk.javaapi.CollectionConverters;

class ShardPlacementTest {
  private static final int SHARDS = 64;
  private static final ActorTestKit ACTORS =
      ActorTestKit.create(
          ConfigFactory.parseString("pekko.actor.provider = cluster\npekko.remote.artery.canonical { hostname = \"127.0.0.1\", port = 0 }")
              .withFallback(ConfigFactory.load()));

  private Members members = Members.NONE;
  private final ShardPlacement placement = new ShardPlacement(new Address("pekko", "clipper", "10.0.0.1", 25520), () -> members);
  private final Map<ActorRef, List<String>> regions = new LinkedHashMap<>();

  @AfterAll
  static void stop() {
    ACTORS.shutdownTestKit();
  }

  @Test
  void aSecondNodeTakesItsShareAndThenNothingMoves() {
    regions.put(region(1), new ArrayList<>());
    IntStream.range(0, SHARDS).forEach(shard -> allocate(Integer.toString(shard)));
    assertThat(misplaced()).isEmpty();

    regions.put(region(2), new ArrayList<>());
    Set<String> moving = misplaced();
    move(moving);

    assertThat(regions.get(region(2))).hasSameElementsAs(moving).hasSizeBetween(20, Placement.bound(SHARDS, 2));
    assertThat(misplaced()).isEmpty();
  }

  @Test
  void aLostNodesShardsGoToTheOthersAndNothingElseMoves() {
    IntStream.rangeClosed(1, 4).forEach(node -> regions.put(region(node), new ArrayList<>()));
    IntStream.range(0, SHARDS).forEach(shard -> allocate(Integer.toString(shard)));
    move(misplaced());
    Map<ActorRef, List<String>> before = new HashMap<>();
    regions.forEach((region, has) -> before.put(region, List.copyOf(has)));

    List<String> homeless = regions.remove(region(3));
    homeless.forEach(this::allocate);

    assertThat(misplaced()).isEmpty();
    assertThat(regions).allSatisfy((region, has) -> assertThat(has).containsAll(before.get(region)).hasSizeLessThanOrEqualTo(Placement.bound(SHARDS, 3)));
  }

  @Test
  void aFewShardsComeToRestToo() {
    for (int few = 1; few < 10; few++) {
      regions.clear();
      IntStream.rangeClosed(1, 3).forEach(node -> regions.put(region(node), new ArrayList<>()));
      IntStream.range(0, few).forEach(shard -> allocate("shard" + shard));
      for (int round = 0; round < few; round++) {
        move(misplaced());
      }
      assertThat(misplaced()).as("%d shards", few).isEmpty();
    }
  }

  @Test
  void thePartitionsOfEveryNodeAreDealtOutEvenlyWhoeverComesAndGoes() {
    regions.put(region(1), new ArrayList<>());
    IntStream.range(0, SHARDS).forEach(shard -> allocate(Integer.toString(shard)));
    IntStream.rangeClosed(1, Partitions.SPREAD).forEach(partition -> allocate(Partitions.spreadShard(partition)));
    for (int nodes = 2; nodes <= 20; nodes++) {
      regions.put(region(nodes), new ArrayList<>());
      settle();
      assertThat(spreadOnEach()).as("%d nodes", nodes).allMatch(isWithinOne(nodes)).hasSize(nodes);
      assertThat(regions.get(region(1))).as("a node keeps its lowest").contains(Partitions.spreadShard(1));
    }
    for (int nodes = 19; nodes >= 1; nodes--) {
      List<String> homeless = regions.remove(region(nodes + 1));
      homeless.forEach(this::allocate);
      settle();
      assertThat(spreadOnEach()).as("%d nodes", nodes).allMatch(isWithinOne(nodes)).hasSize(nodes);
    }
  }

  @Test
  void aNewNodeTakesItsShareOfThePartitionsAndNoOthersMove() {
    IntStream.rangeClosed(1, 3).forEach(node -> regions.put(region(node), new ArrayList<>()));
    IntStream.rangeClosed(1, Partitions.SPREAD).forEach(partition -> allocate(Partitions.spreadShard(partition)));
    assertThat(misplaced()).isEmpty();

    regions.put(region(4), new ArrayList<>());
    Set<String> moving = misplaced();
    move(moving);

    assertThat(moving).hasSize(Partitions.SPREAD / 4);
    assertThat(regions.get(region(4))).hasSameElementsAs(moving);
    assertThat(misplaced()).isEmpty();
  }

  @Test
  void whileShardsMoveNoOthersDo() {
    regions.put(region(1), new ArrayList<>(IntStream.range(0, SHARDS).mapToObj(Integer::toString).toList()));
    regions.put(region(2), new ArrayList<>());

    assertThat(misplaced()).isNotEmpty();
    assertThat(result(placement.rebalance(allocations(), Set.of("5")))).isEmpty();
  }

  @Test
  void nothingIsPlacedOnANodeThatIsOutOfReachWhileAnotherIsNot() {
    IntStream.rangeClosed(1, 3).forEach(node -> regions.put(region(node), new ArrayList<>()));
    members = new Members("10.0.0.1:25520", List.of(), Set.of(), Set.of("10.0.0.2:25520"));

    IntStream.range(0, SHARDS).forEach(shard -> allocate(Integer.toString(shard)));
    IntStream.rangeClosed(1, Partitions.SPREAD).forEach(partition -> allocate(Partitions.spreadShard(partition)));

    assertThat(regions.get(region(2))).isEmpty();
    assertThat(misplaced()).as("each would have to say that it knows of the move").isEmpty();
    members = Members.NONE;
    assertThat(misplaced()).isNotEmpty();
  }

  @Test
  void whereAllAreOutOfReachTheyAreTakenAsTheyAre() {
    regions.put(region(2), new ArrayList<>());
    members = new Members("10.0.0.1:25520", List.of(), Set.of(), Set.of("10.0.0.2:25520"));

    allocate("5");

    assertThat(regions.get(region(2))).containsExactly("5");
  }

  private void settle() {
    for (int round = 0; round < 10; round++) {
      move(misplaced());
    }
    assertThat(misplaced()).isEmpty();
  }

  private List<Long> spreadOnEach() {
    return regions.values().stream().map(has -> has.stream().filter(shard -> Partitions.spreadPartition(shard) > 0).count()).toList();
  }

  private static Predicate<Long> isWithinOne(int nodes) {
    return count -> count >= Partitions.SPREAD / nodes && count <= (Partitions.SPREAD + nodes - 1) / nodes + 1;
  }

  private void move(Set<String> shards) {
    regions.values().forEach(has -> has.removeAll(shards));
    shards.forEach(this::allocate);
  }

  private void allocate(String shard) {
    Objects.requireNonNull(regions.get(result(placement.allocateShard(region(1), shard, allocations())))).add(shard);
  }

  private Set<String> misplaced() {
    return result(placement.rebalance(allocations(), Set.of()));
  }

  private Map<ActorRef, IndexedSeq<String>> allocations() {
    Map<ActorRef, IndexedSeq<String>> allocations = new HashMap<>();
    regions.forEach((region, has) -> allocations.put(region, CollectionConverters.asScala(has).toIndexedSeq()));
    return allocations;
  }

  private static ActorRef region(int node) {
    String path = "pekko://clipper@10.0.0.%d:25520/system/sharding/application".formatted(node);
    return ((ExtendedActorSystem) Adapter.toClassic(ACTORS.system())).provider().resolveActorRef(path);
  }

  private static <T> T result(Future<T> future) {
    return future.value().get().get();
  }
}
