package io.clipper.model.runtime.process;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.oip.OipModelRuntime;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.PrintStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A JVM worker that joins a node, which says yes to everything. */
class GuestWorkerTest {
  private static final String READY = "ready ";

  private final BlockingQueue<String> asked = new LinkedBlockingQueue<>();
  private final ExecutorService threads = Executors.newCachedThreadPool();
  private volatile CountDownLatch holding = new CountDownLatch(0);
  private HttpServer node;

  @BeforeEach
  void open() throws IOException {
    node = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    node.createContext(
        "/",
        exchange -> {
          asked.add(exchange.getRequestURI().getPath());
          await(holding);
          exchange.sendResponseHeaders(200, -1);
          exchange.close();
        });
    node.setExecutor(threads); // a held answer holds up no other
    node.start();
  }

  @AfterEach
  void close() {
    holding.countDown();
    node.stop(0);
    threads.shutdownNow();
  }

  @Test
  void aBatchThatRunsIsFinishedAfterTheWorkerHasLeft() throws Exception {
    Process worker = start("--listen", "127.0.0.1:0");
    try (BufferedReader says = worker.inputReader();
        OutputStream hears = worker.getOutputStream()) {
      String target = says.readLine().substring(READY.length());
      ModelRuntime runtime = OipModelRuntime.connect(target, "m", "1", Optional.empty(), Duration.ofSeconds(60), false);
      CompletionStage<List<Output>> running = runtime.predict(List.of(Input.doubles(FaultyModels.WAITS)));
      assertThat(says.readLine()).isEqualTo(FaultyModels.BEGUN);
      assertThat(asked.poll(60, SECONDS)).isEqualTo("/admin/announce");

      worker.toHandle().destroy(); // leaves its streams open

      while (!"/admin/leave".equals(asked.poll(60, SECONDS))) {
        assertThat(worker.isAlive()).isTrue();
      }
      awaitNothingNewIsTaken(target);
      hears.write(1);
      hears.flush();
      assertThat(running.toCompletableFuture().get(60, SECONDS)).containsExactly(Output.of(FaultyModels.WAITS));
      runtime.close();
      assertThat(worker.waitFor(60, SECONDS)).isTrue();
    } finally {
      worker.destroyForcibly();
    }
  }

  @Test
  void aBatchThatDoesNotEndEndsWithTheGrace() throws Exception {
    Process worker = start("--listen", "127.0.0.1:0", "--grace", "0");
    try (BufferedReader says = worker.inputReader()) {
      ModelRuntime runtime =
          OipModelRuntime.connect(says.readLine().substring(READY.length()), "m", "1", Optional.empty(), Duration.ofSeconds(60), false);
      CompletionStage<List<Output>> running = runtime.predict(List.of(Input.doubles(FaultyModels.WAITS)));
      assertThat(says.readLine()).isEqualTo(FaultyModels.BEGUN);

      worker.toHandle().destroy(); // leaves its streams open

      assertThat(worker.waitFor(60, SECONDS)).isTrue();
      assertThatThrownBy(() -> running.toCompletableFuture().get(60, SECONDS)).isNotNull();
      runtime.close();
    } finally {
      worker.destroyForcibly();
    }
  }

  @Test
  void itLeavesAfterAnAnnouncementThatIsUnderWay() throws Exception {
    CountDownLatch answers = new CountDownLatch(1);
    holding = answers;
    URI url = URI.create("http://127.0.0.1:" + node.getAddress().getPort());
    Membership membership = Membership.join(url, Optional.empty(), new ModelId("m", "1"), "grpc://there:1", refused -> asked.add("refused " + refused));
    assertThat(asked.poll(10, SECONDS)).isEqualTo("/admin/announce");
    Thread leaving = Thread.ofPlatform().start(membership::close);

    assertThat(asked.poll(1, SECONDS)).isNull();
    answers.countDown();

    assertThat(asked.poll(10, SECONDS)).isEqualTo("/admin/leave");
    assertThat(leaving.join(Duration.ofSeconds(10))).isTrue();
  }

  @ParameterizedTest
  @CsvSource({
    "127.0.0.1:9000, http://127.0.0.1:1338, grpc://127.0.0.1:9000",
    "0.0.0.0:9000, http://127.0.0.1:1338, grpc://127.0.0.1:9000",
    "0:0:0:0:0:0:0:0:9000, http://127.0.0.1:1338, grpc://127.0.0.1:9000",
    "192.0.2.7:9000, https://node.invalid, grpc://192.0.2.7:9000",
    "unix:/s, http://127.0.0.1:1338, grpc://unix:/s"
  })
  void theNodeIsToldAnAddressThatItCanReach(String listening, String url, String told) {
    assertThat(GuestUrl.of(listening, joining(url))).isEqualTo(told);
  }

  @Test
  void whatIsAdvertisedIsTold() {
    WorkerArguments.Join join = WorkerArguments.parse(line("--join", "http://node.invalid", "--advertise", "gpu-1:9000")).join().orElseThrow();
    assertThat(GuestUrl.of("0.0.0.0:9000", join)).isEqualTo("grpc://gpu-1:9000");
  }

  @Test
  void anAddressThatTheNodeCannotReachIsRefusedInALine() {
    assertThatThrownBy(() -> GuestUrl.of("127.0.0.1:9000", joining("http://192.0.2.1:1338")))
        .hasMessage("http://192.0.2.1:1338 cannot reach a worker that listens on 127.0.0.1:9000: give --listen 0.0.0.0:PORT, or --advertise HOST:PORT");
    assertThatThrownBy(() -> GuestUrl.of("0.0.0.0:9000", joining("http://node.invalid:1338"))).hasMessageContaining("give --advertise HOST:PORT");
  }

  @ParameterizedTest
  @ValueSource(strings = {"node", "node:1338", "ftp://node:1338", "http:///", "http://:1338", "http://[", "http://a node"})
  void whatIsNoAddressOfANodeIsWrongUsage(String url) {
    ByteArrayOutputStream error = new ByteArrayOutputStream();

    int status = WorkerMain.run(line("--join", url), InputStream.nullInputStream(), System.out, new PrintStream(error, true, StandardCharsets.UTF_8));

    assertThat(status).isEqualTo(2);
    assertThat(error.toString(StandardCharsets.UTF_8).lines())
        .containsExactly("--join is a node's management, such as http://node:1338, not '%s'".formatted(url));
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException stopped) {
      Thread.currentThread().interrupt();
    }
  }

  private static WorkerArguments.Join joining(String url) {
    return WorkerArguments.parse(line("--join", url)).join().orElseThrow();
  }

  private static List<String> line(String... more) {
    List<String> line = new ArrayList<>(List.of("--listen", "127.0.0.1:0", "--name", "m", "--runtime", "faulty"));
    line.addAll(List.of(more));
    return line;
  }

  private Process start(String... more) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-XX:TieredStopAtLevel=1", "-cp", System.getProperty("java.class.path"),
                WorkerMain.class.getName(), "--name", "m", "--runtime", "faulty", "--join", "http://127.0.0.1:" + node.getAddress().getPort()));
    command.addAll(List.of(more));
    return new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.INHERIT).start();
  }

  /** It listens until it has heard the signal and left. */
  private static void awaitNothingNewIsTaken(String target) {
    int port = Integer.parseInt(target.substring(target.lastIndexOf(':') + 1));
    long giveUpAt = System.nanoTime() + SECONDS.toNanos(60);
    while (isListening(port)) {
      assertThat(System.nanoTime()).as("it still listens").isLessThan(giveUpAt);
    }
  }

  private static boolean isListening(int port) {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException refused) {
      return false;
    }
  }
}
