package io.clipper.load;

import io.clipper.load.InferDoor.Door;
import io.clipper.model.Datatype;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.HdrHistogram.Histogram;

/**
 * The Open Inference Protocol by each of its doors, for a no-op of sixteen whole numbers and for an image in and a thousand floats out:
 * requests a second, how long they took, and what the node allocated for each, which bounds what it copied on its heap. Beside it the same
 * gRPC library answers a constant, to calls and on a stream, so that what is the node's own can be told.
 */
final class Inferences implements Scenario {
  private static final ServedTensors NUMBERS = new ServedTensors("numbers", Datatype.INT32, List.of(16L), 16);
  private static final ServedTensors IMAGE = new ServedTensors("image", Datatype.FP32, List.of(3L, 224L, 224L), 1000);
  private static final Duration WARM_UP = Duration.ofSeconds(5);
  /** Before what is compared is measured. */
  private static final Duration COMPILING = Duration.ofSeconds(10);
  private static final int TURNS = 5;
  private static final double OWN_SHARE_MICROS = 100;
  private static final int MOST_MESSAGE_BYTES = 16 << 20;

  private final Duration time;

  Inferences(Duration time) {
    this.time = time;
  }

  /** @param allocated bytes of the node for each request */
  private record Figures(long requests, double perSecond, double p50Micros, double p99Micros, double allocated, int sent, int received) {}

  @Override
  public String name() {
    return "inference";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    try (NodeProcess node = NodeProcess.startTensors(folder, NUMBERS, IMAGE)) {
      report.line("%-8s %-7s %3s %9s %9s %9s %13s %9s %9s".formatted("model", "door", "c", "a second", "p50 µs", "p99 µs", "allocated B", "sent B", "answer B"));
      for (ServedTensors served : List.of(NUMBERS, IMAGE)) {
        for (Door door : Door.values()) {
          for (int askers : new int[] {1, 32}) {
            Figures figures = measure(node, door, served, askers);
            report.line(line(served.model(), door.name(), askers, figures));
          }
        }
      }
      InetSocketAddress constant = new InetSocketAddress(node.grpcAddress().getAddress(), Math.toIntExact(node.ask("constant-grpc")));
      double above = aboveConstant(node, constant, Door.GRPC, report);
      report.bar(above <= OWN_SHARE_MICROS, "over gRPC at c=1 the node's p50 is %.0f µs above a constant's (%.0f)".formatted(above, OWN_SHARE_MICROS));
      report.line("on a gRPC stream at c=1 it is %.0f µs above a constant's".formatted(aboveConstant(node, constant, Door.STREAM, report)));
    }
  }

  /** In µs of the p50. The node and a constant from the same process, in turns: what is above the constant is the node's own. */
  private double aboveConstant(NodeProcess node, InetSocketAddress constant, Door door, Report report) throws IOException, InterruptedException {
    ask(node.grpcAddress(), door, NUMBERS, 1, COMPILING);
    ask(constant, door, NUMBERS, 1, COMPILING);
    List<Figures> own = new ArrayList<>();
    List<Figures> bare = new ArrayList<>();
    for (int turn = 0; turn < TURNS; turn++) {
      bare.add(ask(constant, door, NUMBERS, 1, time));
      own.add(ask(node.grpcAddress(), door, NUMBERS, 1, time));
    }
    report.line(line("constant", door.name(), 1, bare.getLast()));
    report.line("node's p50 in the middle of %d turns: %.0f µs, the constant's %.0f".formatted(TURNS, middle(own), middle(bare)));
    return middle(own) - middle(bare);
  }

  private static double middle(List<Figures> turns) {
    return turns.stream().mapToDouble(Figures::p50Micros).sorted().skip(turns.size() / 2).findFirst().orElseThrow();
  }

  private static String line(String model, String door, int askers, Figures figures) {
    return "%-8s %-7s %3d %9.0f %9.0f %9.0f %13.0f %9d %9d"
        .formatted(
            model, door, askers, figures.perSecond(), figures.p50Micros(), figures.p99Micros(), figures.allocated(), figures.sent(), figures.received());
  }

  private Figures measure(NodeProcess node, Door door, ServedTensors served, int askers) throws IOException, InterruptedException {
    InetSocketAddress address = door == Door.JSON || door == Door.BINARY ? node.queryAddress() : node.grpcAddress();
    ask(address, door, served, askers, WARM_UP);
    long before = node.ask("allocated-bytes");
    Figures figures = ask(address, door, served, askers, time);
    double allocated = (node.ask("allocated-bytes") - before) / (double) figures.requests();
    return new Figures(figures.requests(), figures.perSecond(), figures.p50Micros(), figures.p99Micros(), allocated, figures.sent(), figures.received());
  }

  private static Figures ask(InetSocketAddress address, Door door, ServedTensors served, int askers, Duration time)
      throws IOException, InterruptedException {
    ManagedChannel channel = NettyChannelBuilder.forAddress(address).usePlaintext().maxInboundMessageSize(MOST_MESSAGE_BYTES).build();
    try (ExecutorService threads = Executors.newFixedThreadPool(askers)) {
      long until = System.nanoTime() + time.toNanos();
      List<CompletableFuture<Histogram>> all = new ArrayList<>();
      int[] received = {0};
      for (int i = 0; i < askers; i++) {
        InferDoor requests = InferDoor.of(door, served, i);
        InferAsker asker =
            switch (door) {
              case JSON, BINARY -> InferAsker.http(address);
              case GRPC -> InferAsker.unary(channel);
              case STREAM -> InferAsker.stream(channel);
            };
        all.add(CompletableFuture.supplyAsync(() -> loop(asker, requests, until, received), threads));
      }
      Histogram took = new Histogram(3);
      all.forEach(one -> took.add(one.join()));
      return new Figures(
          took.getTotalCount(),
          took.getTotalCount() / (time.toNanos() / 1e9),
          took.getValueAtPercentile(50) / 1e3,
          took.getValueAtPercentile(99) / 1e3,
          0,
          InferDoor.of(door, served, 0).next().length,
          received[0]);
    } finally {
      channel.shutdownNow();
    }
  }

  private static Histogram loop(InferAsker asker, InferDoor requests, long until, int[] received) {
    Histogram took = new Histogram(3);
    try (asker) {
      for (long start = System.nanoTime(); start < until; start = System.nanoTime()) {
        received[0] = asker.ask(requests.next());
        took.recordValue(System.nanoTime() - start);
      }
      return took;
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    } catch (InterruptedException interrupted) {
      throw new IllegalStateException(interrupted);
    }
  }
}
