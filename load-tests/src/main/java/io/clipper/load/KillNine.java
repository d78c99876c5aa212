package io.clipper.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Queue;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;
import org.HdrHistogram.Histogram;

/**
 * Under full feedback load the node is killed at random moments and started again on its folder: everything that was acknowledged is
 * there. The node has learned from at least as many pieces as were acknowledged, and at most as many as were sent; sent again, none counts
 * again; no query id is given twice. The same holds for each of many contexts, of which few are in memory at a time.
 */
final class KillNine implements Scenario {
  private static final String LABEL = "1.0";
  private static final Served SERVED =
      new Served(
          "shop",
          Duration.ofMillis(100),
          List.of(Served.Simulated.fast(1), Served.Simulated.fast(1), Served.Simulated.fast(2), Served.Simulated.fast(3)));
  private static final String PREDICT = "/shop/predict";
  private static final String UPDATE = "/shop/update";
  private static final String STATE = "/admin/get_state";
  /** For a node that refuses for the moment. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);
  private static final int CONTEXTS = 200;
  /** Some ten of them. */
  private static final String FEW_IN_MEMORY = "clipper.contexts.max-bytes = 16 KiB";
  /** Of what was acknowledged in earlier lives so many are sent again in each. */
  private static final int OLD_ONES = 200;

  private final int kills;
  private final int connections;
  private final long shortestMillis;
  private final long longestMillis;
  private final Random random;

  private final Requests requests = new Requests();
  private final Set<Long> ids = ConcurrentHashMap.newKeySet();
  private final Queue<Long> justAcknowledged = new ConcurrentLinkedQueue<>();
  private final List<Long> acknowledged = new ArrayList<>();
  private final AtomicLong sent = new AtomicLong();
  private final AtomicLongArray sentByContext = new AtomicLongArray(CONTEXTS);
  private final AtomicLongArray acknowledgedByContext = new AtomicLongArray(CONTEXTS);
  private final AtomicLong refused = new AtomicLong();
  private final AtomicLong unknown = new AtomicLong();
  private final AtomicLong givenTwice = new AtomicLong();
  private final AtomicLong countedTwice = new AtomicLong();
  private final Histogram restartMillis = new Histogram(3);

  /** Killed after it has served for a random time between the two, every time anew. */
  KillNine(int kills, int connections, Duration shortest, Duration longest, long seed) {
    this.kills = kills;
    this.connections = connections;
    this.shortestMillis = shortest.toMillis();
    this.longestMillis = longest.toMillis();
    this.random = new Random(seed);
  }

  @Override
  public String name() {
    return "kill-nine";
  }

  @Override
  public void run(Path folder, Report report) throws IOException, InterruptedException {
    long lost = 0;
    long unexplained = 0;
    long wrongContexts = 0;
    Files.writeString(folder.resolve("settings.conf"), FEW_IN_MEMORY);
    long started = System.nanoTime();
    NodeProcess node = NodeProcess.start(folder, SERVED);
    try {
      for (int kill = 1; kill <= kills; kill++) {
        loadUntilKilled(node);
        long killedAt = System.nanoTime();
        node = NodeProcess.start(folder, SERVED);
        restartMillis.recordValue((System.nanoTime() - killedAt) / 1_000_000);
        List<Long> fresh = List.copyOf(justAcknowledged);
        justAcknowledged.clear();
        acknowledged.addAll(fresh);
        long before = observations(node);
        lost = Math.max(lost, acknowledged.size() - before);
        unexplained = Math.max(unexplained, before - sent.get());
        wrongContexts += wrongContexts(node);
        sendAgain(node, fresh);
        sendAgain(node, someOf(acknowledged));
        unexplained = Math.max(unexplained, observations(node) - before);
        if (kill % 10 == 0) {
          report.line("%d kills: %,d acknowledged, %,d learned from, %,d lost".formatted(kill, acknowledged.size(), before, lost));
        }
      }
    } finally {
      node.close();
    }
    report.line(
        "%d kills in %d s: %,d predictions, %,d pieces of feedback sent, %,d acknowledged, %,d refused, %,d unknown"
            .formatted(
                kills, (System.nanoTime() - started) / 1_000_000_000, ids.size(), sent.get(), acknowledged.size(), refused.get(), unknown.get()));
    report.line(
        "until ready again (JVM, recovery, first prediction): p50 %d ms, longest %d ms"
            .formatted(restartMillis.getValueAtPercentile(50), restartMillis.getMaxValue()));
    report.bar(!acknowledged.isEmpty(), "feedback was acknowledged: %,d".formatted(acknowledged.size()));
    report.bar(lost <= 0, "acknowledged and lost: %d (0)".formatted(Math.max(0, lost)));
    report.bar(unexplained <= 0, "learned from without being sent, or twice: %d (0)".formatted(Math.max(0, unexplained)));
    report.bar(wrongContexts == 0, "contexts that learned less than was acknowledged or more than was sent: %d (0)".formatted(wrongContexts));
    report.bar(countedTwice.get() == 0, "sent again and counted again: %d (0)".formatted(countedTwice.get()));
    report.bar(givenTwice.get() == 0, "query ids given twice: %d (0)".formatted(givenTwice.get()));
  }

  private void loadUntilKilled(NodeProcess node) throws InterruptedException {
    List<Thread> clients = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      clients.add(Thread.ofPlatform().name("client-" + i).start(() -> askAndJudge(node.queryAddress())));
    }
    TimeUnit.MILLISECONDS.sleep(random.nextLong(shortestMillis, longestMillis));
    node.kill();
    for (Thread client : clients) {
      client.join();
    }
  }

  private void askAndJudge(InetSocketAddress address) {
    try (HttpConnection connection = new HttpConnection(address)) {
      while (true) {
        int context = ThreadLocalRandom.current().nextInt(CONTEXTS);
        HttpConnection.Answer predicted = connection.post(PREDICT, requests.predict(context(context)));
        long id = predicted.body().path("query_id").asLong(-1);
        if (!predicted.isOk() || id < 0) {
          continue;
        }
        if (!ids.add(id)) {
          givenTwice.incrementAndGet();
        }
        sent.incrementAndGet();
        sentByContext.incrementAndGet(context);
        HttpConnection.Answer observed = connection.post(UPDATE, Requests.update(id, LABEL));
        if (!observed.isOk()) {
          refused.incrementAndGet();
        } else if (observed.body().path("observed").asBoolean()) {
          justAcknowledged.add(id);
          acknowledgedByContext.incrementAndGet(context);
        } else {
          unknown.incrementAndGet();
        }
      }
    } catch (IOException killed) {
      // The server's end is the client's: what has no answer was not acknowledged.
      return;
    }
  }

  private void sendAgain(NodeProcess node, List<Long> again) throws IOException {
    try (HttpConnection connection = new HttpConnection(node.queryAddress())) {
      for (long id : again) {
        HttpConnection.Answer answer = served(connection, UPDATE, Requests.update(id, LABEL));
        if (!answer.isOk() || answer.body().path("observed").asBoolean(true)) {
          countedTwice.incrementAndGet();
        }
      }
    }
  }

  private List<Long> someOf(List<Long> all) {
    List<Long> shuffled = new ArrayList<>(all);
    Collections.shuffle(shuffled, random);
    return shuffled.subList(0, Math.min(OLD_ONES, shuffled.size()));
  }

  private long wrongContexts(NodeProcess node) throws IOException {
    long wrong = 0;
    try (HttpConnection connection = new HttpConnection(node.adminAddress())) {
      for (int i = 0; i < CONTEXTS; i++) {
        String asked = "{\"app_name\":\"shop\",\"context\":\"%s\"}".formatted(context(i));
        long learned = served(connection, STATE, asked).body().path("observations").asLong(-1);
        wrong += learned < acknowledgedByContext.get(i) || learned > sentByContext.get(i) ? 1 : 0;
      }
    }
    return wrong;
  }

  /** What a node that has just started cannot do yet is asked for again. */
  private static HttpConnection.Answer served(HttpConnection connection, String path, String body) throws IOException {
    long giveUpAt = System.nanoTime() + PATIENCE.toNanos();
    HttpConnection.Answer answer = connection.post(path, body);
    while (answer.status() == 503 && System.nanoTime() < giveUpAt) {
      answer = connection.post(path, body);
    }
    return answer;
  }

  private static String context(int number) {
    return "00000000-0000-4000-8000-%012d".formatted(number);
  }

  private static long observations(NodeProcess node) throws IOException {
    try (HttpConnection connection = new HttpConnection(node.adminAddress())) {
      return served(connection, STATE, "{\"app_name\":\"shop\"}").body().path("observations").asLong(-1);
    }
  }
}
