package io.clipper.load;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.application.ServingNode;
import io.clipper.model.Input;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;
import org.HdrHistogram.ConcurrentHistogram;
import org.HdrHistogram.Histogram;
import org.apache.pekko.actor.ActorRef;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.javadsl.Behaviors;

/**
 * What a query costs that crosses the wire once, from a member in this JVM to a node where its loop and its model are, beside an echo of as
 * many bytes between the same two, in turns. The two go by different connections: the query and its answer by Artery's lane for large
 * messages ({@code large-message-destinations} of a node), the echo and its answer by the ordinary one.
 */
final class WireEcho implements Scenario {
  /** Of an answer by one model, as it is written. */
  static final int ANSWER_BYTES = 160;

  /** What a query has beside its numbers: names, whom to answer, the shard's envelope. */
  private static final int AROUND = 200;

  private static final int DOUBLES = 784;
  private static final Served SERVED = new Served("wired", Duration.ofSeconds(1), List.of(Served.Simulated.fast(1)));
  private static final Duration WARM_UP = Duration.ofSeconds(10);
  private static final Duration TURN = Duration.ofSeconds(4);
  private static final int MANY = 32;

  private final int rounds;

  WireEcho(int rounds) {
    this.rounds = rounds;
  }

  @Override
  public String name() {
    return "wire-echo";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    int port = FixedPorts.free(1).getFirst();
    Optional<Integer> free = Optional.empty();
    ClusterWords words = new ClusterWords(Optional.empty(), Optional.empty(), free, free, Optional.of(port), Optional.empty(), List.of());
    try (NodeProcess node = NodeProcess.start(folder.resolve("node"), words, SERVED)) {
      node.ask("echo");
      ActorSystem<Void> member = member(folder.resolve("member"), port);
      try {
        measure(ServingNode.start(member), node, Echo.at(member, port), report);
      } finally {
        member.terminate();
        member.getWhenTerminated().toCompletableFuture().join();
      }
    }
  }

  private static ActorSystem<Void> member(Path folder, int port) {
    Config own =
        ConfigFactory.parseString(
                """
                pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                pekko.cluster { roles = [], seed-nodes = ["pekko://clipper@127.0.0.1:%d"] }
                """
                    .formatted(port))
            .withFallback(ServingNode.config(folder));
    return ActorSystem.create(Behaviors.empty(), "clipper", own);
  }

  private void measure(ServingNode serving, NodeProcess node, ActorRef echo, Report report) throws IOException {
    serving.ready().toCompletableFuture().join();
    double[] numbers = new SplittableRandom(2017).doubles(DOUBLES).toArray();
    AtomicLong asked = new AtomicLong();
    Map<String, Integer> defaults = new ConcurrentHashMap<>();
    Supplier<CompletableFuture<?>> query =
        () -> {
          double[] own = numbers.clone();
          own[0] = (double) asked.incrementAndGet();
          return serving
              .applications()
              .predict(Query.of(SERVED.application(), Input.doubles(own)))
              .thenAccept(prediction -> count(prediction, defaults))
              .toCompletableFuture();
        };
    byte[] bytes = new byte[DOUBLES * Double.BYTES + AROUND];
    Supplier<CompletableFuture<?>> bare = () -> Echo.ask(echo, bytes.clone()).toCompletableFuture();
    for (int inFlight : List.of(1, MANY)) {
      turn(bare, inFlight, WARM_UP);
      turn(query, inFlight, WARM_UP);
      defaults.clear();
      List<Turn> echoes = new ArrayList<>();
      List<Turn> queries = new ArrayList<>();
      for (int round = 0; round < rounds; round++) {
        echoes.add(counted(bare, inFlight, node));
        queries.add(counted(query, inFlight, node));
      }
      String what = "%d at a time".formatted(inFlight);
      report.bar(defaults.isEmpty(), "%s: answers that were the default, by their reasons: %s (none)".formatted(what, defaults));
      judge(what, echoes, queries, inFlight == 1, report);
    }
  }

  /** A default went no further than its deadline: what it took says nothing of the wire. */
  private static void count(Prediction prediction, Map<String, Integer> defaults) {
    prediction.defaultReason().ifPresent(reason -> defaults.merge(reason, 1, Integer::sum));
  }

  /** @param processorMicros of both processes, each time */
  private record Turn(double medianMicros, double perSecond, double processorMicros) {}

  private static Turn counted(Supplier<CompletableFuture<?>> once, int inFlight, NodeProcess node) throws IOException {
    Duration before = processorTime(node);
    Histogram latencies = turn(once, inFlight, TURN);
    double used = processorTime(node).minus(before).toNanos() / 1e3;
    long times = latencies.getTotalCount();
    return new Turn(latencies.getValueAtPercentile(50) / 1e3, times * 1e9 / TURN.toNanos(), used / times);
  }

  private static Duration processorTime(NodeProcess node) throws IOException {
    return node.processorTime().plus(NodeProcess.processorTimeOf(ProcessHandle.current()));
  }

  /** So many at a time for so long, each asked as soon as the one before it is answered; how long each took, in ns. */
  private static Histogram turn(Supplier<CompletableFuture<?>> once, int inFlight, Duration time) {
    Histogram latencies = new ConcurrentHistogram(3);
    long end = System.nanoTime() + time.toNanos();
    List<CompletableFuture<Void>> askers = new ArrayList<>();
    for (int i = 0; i < inFlight; i++) {
      Runnable asker =
          () -> {
            for (long at = System.nanoTime(); at < end; at = System.nanoTime()) {
              once.get().join();
              latencies.recordValue(System.nanoTime() - at);
            }
          };
      askers.add(CompletableFuture.runAsync(asker, task -> Thread.ofVirtual().start(task)));
    }
    askers.forEach(CompletableFuture::join);
    return latencies;
  }

  private static void judge(String what, List<Turn> echoes, List<Turn> queries, boolean barred, Report report) {
    for (int round = 0; round < echoes.size(); round++) {
      report.line("%s: echo %s, query %s".formatted(what, words(echoes.get(round)), words(queries.get(round))));
    }
    double ratio = median(queries, Turn::medianMicros) / median(echoes, Turn::medianMicros);
    double processors = median(queries, Turn::processorMicros) / median(echoes, Turn::processorMicros);
    report.line("%s: of the processors a query takes %.2f times what an echo does".formatted(what, processors));
    String text = "%s: a query takes %.2f times as long as an echo (1.3)".formatted(what, ratio);
    if (barred) {
      report.bar(ratio <= 1.3, text);
    } else {
      report.line(text);
    }
  }

  private static String words(Turn turn) {
    return "%.0f µs (%,.0f/s, %.0f µs of the processors)".formatted(turn.medianMicros(), turn.perSecond(), turn.processorMicros());
  }

  private static double median(List<Turn> turns, ToDoubleFunction<Turn> of) {
    return turns.stream().mapToDouble(of).sorted().skip(turns.size() / 2).findFirst().orElseThrow();
  }
}
