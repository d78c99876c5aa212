package io.clipper.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.ExecutorService;

/** Queries of an application of four models that were answered, and the labels that judge them, each once. */
final class JudgedQueries {
  static final Served SERVED =
      new Served(
          "shop",
          Duration.ofMillis(100),
          List.of(Served.Simulated.fast(1), Served.Simulated.fast(1), Served.Simulated.fast(2), Served.Simulated.fast(3)));

  static final int ASKING_CONNECTIONS = 8;

  private static final String LABEL = "1.0";

  private final InetSocketAddress node;
  private final ExecutorService threads;
  private final Requests requests = new Requests();
  private final Queue<Long> ids = new ConcurrentLinkedQueue<>();

  JudgedQueries(InetSocketAddress node, ExecutorService threads) {
    this.node = node;
    this.threads = threads;
  }

  HttpLoad predictions() {
    return new HttpLoad(node, () -> HttpLoad.post("/shop/predict", requests.predict()));
  }

  /** What counts is what judged all four. */
  HttpLoad labels() {
    return new HttpLoad(node, this::nextUpdate, "\"observed\":true,\"models\":4");
  }

  /** So many labels at a time, each as soon as the one before it is acknowledged. */
  HttpLoad.Result label(int connections, Duration time) {
    try {
      return labels().closed(connections, Duration.ZERO, time);
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }

  private byte[] nextUpdate() {
    Long id = ids.poll();
    // With none left the question is about a query that never was: it is answered, and not counted as observed.
    return HttpLoad.post("/shop/update", Requests.update(id == null ? 0 : id, LABEL));
  }

  /** Asks until so many predictions wait to be judged. */
  void collect(int wanted) {
    List<CompletableFuture<Void>> asking = new ArrayList<>();
    for (int i = 0; i < ASKING_CONNECTIONS; i++) {
      asking.add(CompletableFuture.runAsync(() -> ask(wanted / ASKING_CONNECTIONS), threads));
    }
    asking.forEach(CompletableFuture::join);
  }

  private void ask(int wanted) {
    try (HttpConnection connection = new HttpConnection(node)) {
      for (int i = 0; i < wanted; i++) {
        ids.add(connection.post("/shop/predict", requests.predict()).body().path("query_id").asLong());
      }
    } catch (IOException failed) {
      throw new IllegalStateException(failed);
    }
  }
}
