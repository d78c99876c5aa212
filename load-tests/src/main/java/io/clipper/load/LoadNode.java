package io.clipper.load;

import com.sun.management.ThreadMXBean;
import io.clipper.Refused;
import io.clipper.membership.NodeRoles;
import io.clipper.membership.Peer;
import io.clipper.node.ClipperNode;
import io.clipper.node.Lives;
import io.clipper.node.command.NodeOptions;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * A node in a process of its own, to be killed. It takes the folder and the applications as arguments, prints one line when it serves,
 * answers words on its standard input, and ends with that.
 */
public final class LoadNode {
  /** Instead of an application: the bundled one. */
  static final String BUNDLED = "bundled";

  static final String READY = "ready";

  /** Asks for the entities that live here. */
  static final String LIVE = "live";

  /** Asks for the address of the oldest that keeps state, as this node sees it. */
  static final String OLDEST = "oldest";

  private LoadNode() {}

  /** Its database is a file. */
  static NodeOptions options(Path data, boolean bundled) {
    return options(data, Optional.empty(), bundled);
  }

  /** @param jdbcUrl empty: a file in the folder */
  static NodeOptions options(Path data, Optional<String> jdbcUrl, boolean bundled) {
    return options(data, bundled, new ClusterWords(Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), jdbcUrl, List.of()));
  }

  /** Free ports; a file {@code settings.conf} in the folder is read where there is one. */
  private static NodeOptions options(Path data, boolean bundled, ClusterWords cluster) {
    Optional<Integer> free = Optional.of(0);
    return new NodeOptions(
        data,
        cluster.httpPort().or(() -> free),
        cluster.adminPort().or(() -> free),
        free,
        cluster.clusterPort().or(() -> free),
        cluster.host().orElse("127.0.0.1"),
        cluster.advertise(),
        Optional.empty(),
        Optional.empty(),
        cluster.host().isPresent(),
        Optional.empty(),
        Optional.of(data.resolve("settings.conf")).filter(Files::exists),
        cluster.jdbc(),
        cluster.join(),
        Set.of(),
        bundled,
        Optional.empty());
  }

  public static void main(String[] arguments) {
    List<String> words = List.of(arguments).subList(1, arguments.length);
    NodeOptions options = options(Path.of(arguments[0]), words.contains(BUNDLED), ClusterWords.among(words));
    AtomicReference<@Nullable ClipperNode> serving = new AtomicReference<>();
    Lives lives =
        new Lives() {
          @Override
          public void starts(String waitsFor) {
            System.err.println("waits for " + waitsFor);
          }

          @Override
          public void serves(ClipperNode node) {
            if (serving.getAndSet(node) == null) {
              deploy(node, words);
              System.out.printf("%s %d %d %d%n", READY, node.queryAddress().getPort(), node.adminAddress().getPort(), node.grpcAddress().getPort());
              Thread.ofPlatform().name("words").start(() -> answer(serving));
            }
          }

          @Override
          public void cutOff() {
            System.err.println("cut off; joins again");
          }

          @Override
          public void waits(Refused because) {
            System.err.println(because.getMessage());
          }
        };
    ClipperNode.run(options, lives);
    Runtime.getRuntime().halt(0);
  }

  private static void deploy(ClipperNode node, List<String> words) {
    for (String word : words) {
      if (ServedTensors.is(word)) {
        ServedTensors.parse(word).deploy(node.serving()).toCompletableFuture().join();
      } else if (!word.equals(BUNDLED) && !ClusterWords.is(word)) {
        Served.parse(word).deploy(node.serving()).toCompletableFuture().join();
      }
    }
  }

  /** Until the process that started this one is gone, and this one with it. */
  private static void answer(AtomicReference<@Nullable ClipperNode> serving) {
    try (BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8))) {
      answer(in, serving);
    } catch (IOException gone) {
      System.err.println("nobody is there any more: " + gone.getMessage());
    }
    Runtime.getRuntime().halt(0);
  }

  private static void answer(BufferedReader in, AtomicReference<@Nullable ClipperNode> serving) throws IOException {
    PauseMeter pauses = null;
    for (String word = in.readLine(); word != null; word = in.readLine()) {
      switch (word) {
        case "watch-pauses" -> {
          if (pauses != null) {
            pauses.close();
          }
          pauses = PauseMeter.start();
          System.out.println(0);
        }
        case "longest-pause-micros" -> System.out.println(pauses == null ? 0 : pauses.longest().toNanos() / 1000);
        case "allocated-bytes" -> System.out.println(((ThreadMXBean) ManagementFactory.getThreadMXBean()).getTotalThreadAllocatedBytes());
        case LIVE -> System.out.println(Optional.ofNullable(serving.get()).map(node -> LiveEntities.in(node.system())).orElse(LiveEntities.NONE).line());
        case OLDEST -> System.out.println(Optional.ofNullable(serving.get()).map(LoadNode::oldest).orElse(""));
        case "echo" -> {
          Optional.ofNullable(serving.get()).ifPresent(node -> Echo.start(node.system(), WireEcho.ANSWER_BYTES));
          System.out.println(0);
        }
        case "constant-grpc" -> System.out.println(ConstantGrpcServer.start());
        case "used-heap-bytes" -> System.out.println(usedHeap());
        default -> System.out.println("unknown: " + word);
      }
    }
  }

  private static String oldest(ClipperNode node) {
    return node.serving().members().oldest(NodeRoles.APPLICATION).map(Peer::address).orElse("");
  }

  /** After a full collection. */
  private static long usedHeap() {
    ManagementFactory.getMemoryMXBean().gc();
    return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
  }
}
