package io.clipper.load;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Steady load from outside on every node of a cluster. Each client asks one node, and connects again when it is back; every query with an
 * id is labelled, half of them at once and half later, by whatever node takes it.
 */
final class ClusterClients implements AutoCloseable {
  enum Outcome {
    REAL,
    DEFAULT,
    /** Answered with another status than 200. */
    FAILED,
    /** The connection broke before the answer came. */
    BROKEN
  }

  /** @param at when it was sent */
  record Sample(String node, long at, long tookNanos, Outcome outcome) {}

  /** @param at when it was answered */
  record Receipt(long at, boolean observed) {}

  private record Label(long queryId, long due, int attempt) implements Delayed {
    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  private static final String LABEL = "1.0";
  private static final long PAUSE_MILLIS = 10;
  private static final int ATTEMPTS = 30;

  private final String application;
  private final long labelAfterNanos;
  private final Requests requests = new Requests();
  private final Map<String, InetSocketAddress> nodes = new ConcurrentHashMap<>();
  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
  private final Queue<Receipt> receipts = new ConcurrentLinkedQueue<>();
  private final DelayQueue<Label> labels = new DelayQueue<>();
  private final AtomicLong asked = new AtomicLong();
  private final AtomicLong givenUp = new AtomicLong();
  private final List<Thread> threads = new ArrayList<>();
  private volatile boolean stopping;

  /** @param labelAfterNanos half of the queries are labelled so much later, the others at once */
  ClusterClients(String application, long labelAfterNanos) {
    this.application = application;
    this.labelAfterNanos = labelAfterNanos;
  }

  /** From now on the node's clients find it there. */
  void isAt(String node, InetSocketAddress address) {
    nodes.put(node, address);
  }

  void isGone(String node) {
    nodes.remove(node);
  }

  void start(Collection<String> names, int clientsOfEach) {
    for (String node : names) {
      for (int i = 0; i < clientsOfEach; i++) {
        threads.add(Thread.ofVirtual().name("client-" + node).start(() -> keepAsking(node)));
      }
    }
    for (int i = 0; i < clientsOfEach; i++) {
      threads.add(Thread.ofVirtual().name("labels").start(this::keepLabelling));
    }
  }

  List<Sample> samples() {
    return List.copyOf(samples);
  }

  List<Receipt> receipts() {
    return List.copyOf(receipts);
  }

  /** Labels that no node took however often they were sent. */
  long givenUp() {
    return givenUp.get();
  }

  /** Labels that wait for their time. */
  int waiting() {
    return labels.size();
  }

  /** Returns when every label has been taken or given up; after {@link #stopAsking}. */
  void awaitLabels() throws InterruptedException {
    long until = System.nanoTime() + labelAfterNanos + TimeUnit.SECONDS.toNanos(2L * ATTEMPTS);
    while (waiting() > 0 && System.nanoTime() < until) {
      TimeUnit.MILLISECONDS.sleep(200);
    }
  }

  /** Asks no more; what is to be labelled later still is. */
  void stopAsking() {
    stopping = true;
  }

  @Override
  public void close() {
    stopping = true;
    threads.forEach(Thread::interrupt);
    for (Thread thread : threads) {
      try {
        thread.join();
      } catch (InterruptedException interrupted) {
        Thread.currentThread().interrupt();
        return;
      }
    }
  }

  private void keepAsking(String node) {
    while (!stopping) {
      InetSocketAddress address = nodes.get(node);
      if (address != null) {
        askUntilBroken(node, address);
      }
      if (!pause(PAUSE_MILLIS)) {
        return;
      }
    }
  }

  private void askUntilBroken(String node, InetSocketAddress address) {
    long at = System.nanoTime();
    boolean sent = false;
    try (HttpConnection connection = new HttpConnection(address)) {
      while (!stopping && address.equals(nodes.get(node))) {
        at = System.nanoTime();
        sent = true;
        HttpConnection.Answer answer = connection.post("/%s/predict".formatted(application), requests.predict());
        long took = System.nanoTime() - at;
        sent = false;
        Outcome outcome =
            !answer.isOk() ? Outcome.FAILED : answer.body().path("default").asBoolean(true) ? Outcome.DEFAULT : Outcome.REAL;
        samples.add(new Sample(node, at, took, outcome));
        long queryId = answer.body().path("query_id").asLong(-1);
        if (outcome == Outcome.REAL && queryId >= 0) {
          boolean later = asked.incrementAndGet() % 2 == 0;
          labels.add(new Label(queryId, System.nanoTime() + (later ? labelAfterNanos : 0), 1));
        }
        if (!pause(PAUSE_MILLIS)) {
          return;
        }
      }
    } catch (IOException broken) {
      if (sent) {
        samples.add(new Sample(node, at, System.nanoTime() - at, Outcome.BROKEN));
      }
    }
  }

  private void keepLabelling() {
    try {
      while (true) {
        label(labels.take());
      }
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void label(Label label) {
    for (InetSocketAddress address : nodes.values()) {
      if (isTaken(label, address)) {
        return;
      }
    }
    if (label.attempt() < ATTEMPTS) {
      labels.add(new Label(label.queryId(), System.nanoTime() + TimeUnit.SECONDS.toNanos(1), label.attempt() + 1));
    } else {
      givenUp.incrementAndGet();
    }
  }

  private boolean isTaken(Label label, InetSocketAddress address) {
    try (HttpConnection connection = new HttpConnection(address)) {
      HttpConnection.Answer answer = connection.post("/%s/update".formatted(application), Requests.update(label.queryId(), LABEL));
      if (answer.isOk()) {
        receipts.add(new Receipt(System.nanoTime(), answer.body().path("observed").asBoolean()));
      }
      return answer.isOk();
    } catch (IOException gone) {
      return false;
    }
  }

  private static boolean pause(long millis) {
    try {
      TimeUnit.MILLISECONDS.sleep(millis);
      return true;
    } catch (InterruptedException closed) {
      Thread.currentThread().interrupt();
      return false;
    }
  }
}
