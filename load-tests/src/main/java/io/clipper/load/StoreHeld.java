package io.clipper.load;

import io.clipper.node.ClipperNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The store stands still for a while under prediction load with feedback going on: no prediction is late; feedback is refused or waits,
 * and what was acknowledged is there; afterwards feedback is taken again without anybody's help.
 */
final class StoreHeld implements Scenario {
  private static final String UPDATE = "/shop/update";
  private static final String PREDICT = "/shop/predict";
  private static final String LABEL = "1.0";
  private static final int PREDICTION_CONNECTIONS = 64;
  private static final int FEEDBACK_CONNECTIONS = 4;
  private static final Duration RECOVERS_WITHIN = Duration.ofSeconds(10);
  /** A client waits so long after a refusal. */
  private static final long PAUSE_MILLIS = 20;

  private final Served served;
  private final Duration held;
  private final double perSecond;
  private final boolean onTime;

  private final Requests requests = new Requests();
  private final Queue<Long> acknowledged = new ConcurrentLinkedQueue<>();
  private final AtomicLong acknowledgedWhileHeld = new AtomicLong();
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong wrong = new AtomicLong();
  private final AtomicLong sent = new AtomicLong();
  private final CompletableFuture<Long> acknowledgedAgain = new CompletableFuture<>();
  private volatile long heldAt = Long.MAX_VALUE;
  private volatile long releasedAt = Long.MAX_VALUE;
  private volatile boolean done;

  /**
   * @param slo by which all models have to answer, or a label of the query teaches nothing
   * @param onTime whether latencies are bars, which is nothing for a machine that builds something meanwhile
   */
  StoreHeld(Duration slo, Duration held, double perSecond, boolean onTime) {
    this.served = new Served("shop", slo, List.of(Served.Simulated.fast(1), Served.Simulated.fast(1), Served.Simulated.fast(2)));
    this.held = held;
    this.perSecond = perSecond;
    this.onTime = onTime;
  }

  @Override
  public String name() {
    return "store-held";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    HttpLoad.Result result;
    Duration before = Duration.ofSeconds(3);
    try (ClipperNode node = ClipperNode.start(LoadNode.options(folder, false));
        PauseMeter pauses = PauseMeter.start()) {
      served.deploy(node.serving()).toCompletableFuture().join();
      List<Thread> clients = new ArrayList<>();
      for (int i = 0; i < FEEDBACK_CONNECTIONS; i++) {
        clients.add(Thread.ofPlatform().name("feedback-" + i).start(() -> askAndJudge(node.queryAddress())));
      }
      // A thread of its own: a node's replies pass through the common pool, which has a single thread on two cores.
      Thread holding = Thread.ofPlatform().name("hold").start(() -> hold(node, before));
      HttpLoad load = new HttpLoad(node.queryAddress(), () -> HttpLoad.post(PREDICT, requests.predict()));
      result = load.open(PREDICTION_CONNECTIONS, perSecond, before.dividedBy(2), before.plus(held).plus(before));
      holding.join();
      waitForRecovery();
      done = true;
      for (Thread client : clients) {
        client.join();
      }
      report.line("store held for %d ms; predictions: %s".formatted(TimeUnit.NANOSECONDS.toMillis(releasedAt - heldAt), result));
      report.line("longest pause of this process %.1f ms".formatted(pauses.longest().toNanos() / 1e6));
    }
    report.line(
        "feedback: %,d sent, %,d acknowledged, %d of them while the store was held, %d refused with 503"
            .formatted(sent.get(), acknowledged.size(), acknowledgedWhileHeld.get(), refused.get()));
    report.bar(result.unanswered() == 0 && result.failures() == 0, "predictions lost %d, failed %d (0)".formatted(result.unanswered(), result.failures()));
    if (onTime) {
      long slo = served.slo().toMillis();
      report.bar(result.millis(99.9) <= slo + 5, "p99.9 of predictions %.2f ms (SLO + 5 = %d)".formatted(result.millis(99.9), slo + 5));
      report.bar(result.millis(100) <= slo + 50, "latest prediction %.2f ms (SLO + 50 = %d)".formatted(result.millis(100), slo + 50));
    }
    report.bar(wrong.get() == 0, "feedback answered with neither 200 nor 503: %d (0)".formatted(wrong.get()));
    boolean recovered = acknowledgedAgain.isDone();
    report.bar(
        recovered,
        recovered ? "feedback was taken again %d ms after the release (10 s)".formatted(acknowledgedAgain.join()) : "feedback was not taken again");
    checkNothingLost(folder, report);
  }

  private void checkNothingLost(Path folder, Report report) throws IOException {
    try (ClipperNode again = ClipperNode.start(LoadNode.options(folder, false));
        HttpConnection admin = new HttpConnection(again.adminAddress());
        HttpConnection query = new HttpConnection(again.queryAddress())) {
      long observations = admin.post("/admin/get_state", "{\"app_name\":\"shop\"}").body().path("observations").asLong(-1);
      long countedAgain = 0;
      for (long id : acknowledged) {
        countedAgain += query.post(UPDATE, Requests.update(id, LABEL)).body().path("observed").asBoolean(true) ? 1 : 0;
      }
      report.bar(
          observations >= acknowledged.size() && observations <= sent.get() && countedAgain == 0,
          "after a restart learned from %,d (acknowledged %,d, sent %,d); counted again when sent again: %d"
              .formatted(observations, acknowledged.size(), sent.get(), countedAgain));
    }
  }

  private void hold(ClipperNode node, Duration before) {
    String url = node.system().settings().config().getString("clipper.storage.url");
    try (Connection connection = DriverManager.getConnection(url, "sa", "");
        Statement statement = connection.createStatement()) {
      TimeUnit.NANOSECONDS.sleep(before.toNanos());
      statement.execute("SET EXCLUSIVE 1");
      heldAt = System.nanoTime();
      TimeUnit.NANOSECONDS.sleep(held.toNanos());
      statement.execute("SET EXCLUSIVE 0");
      releasedAt = System.nanoTime();
    } catch (SQLException | InterruptedException failed) {
      throw new IllegalStateException("the store was not held", failed);
    }
  }

  private void waitForRecovery() {
    try {
      acknowledgedAgain.get(RECOVERS_WITHIN.toMillis(), TimeUnit.MILLISECONDS);
    } catch (InterruptedException | ExecutionException | TimeoutException late) {
      // The report says so: the future is not done.
      return;
    }
  }

  private void askAndJudge(InetSocketAddress address) {
    try (HttpConnection connection = new HttpConnection(address)) {
      while (!done) {
        long id = connection.post(PREDICT, requests.predict()).body().path("query_id").asLong(-1);
        if (id < 0) {
          continue;
        }
        sent.incrementAndGet();
        long sentAt = System.nanoTime();
        HttpConnection.Answer answer = connection.post(UPDATE, Requests.update(id, LABEL));
        if (answer.isOk() && answer.body().path("observed").asBoolean()) {
          acknowledged(id, sentAt);
        } else if (answer.status() == 503) {
          refused.incrementAndGet();
          TimeUnit.MILLISECONDS.sleep(PAUSE_MILLIS);
        } else {
          wrong.incrementAndGet();
          System.err.println(answer);
        }
      }
    } catch (IOException | InterruptedException failed) {
      wrong.incrementAndGet();
    }
  }

  private void acknowledged(long id, long sentAt) {
    acknowledged.add(id);
    long now = System.nanoTime();
    if (now > heldAt && now < releasedAt) {
      acknowledgedWhileHeld.incrementAndGet();
    }
    if (releasedAt > 0 && sentAt > releasedAt) {
      acknowledgedAgain.complete(TimeUnit.NANOSECONDS.toMillis(now - releasedAt));
    }
  }
}
