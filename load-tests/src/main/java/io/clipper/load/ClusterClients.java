package io.clipper.load;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.model.ModelId;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.DelayQueue;
import java.util.concurrent.Delayed;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.function.Supplier;

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

  /**
   * @param at when it was sent
   * @param reason of a default, in the node's words
   */
  record Sample(String node, long at, long tookNanos, Outcome outcome, String reason) {
    boolean isFailure() {
      return outcome == Outcome.FAILED || outcome == Outcome.BROKEN;
    }
  }

  /**
   * A query with the truth about it.
   *
   * @param answered when its answer came
   * @param isLate whether the truth is held back for a while, as by a user who thinks about it
   * @param answers what each model that was asked had answered; empty where nothing came in time
   */
  record Labelled(long queryId, long answered, String label, boolean isLate, Map<ModelId, OptionalDouble> answers) {}

  /**
   * What became of a label.
   *
   * @param at when it was answered
   * @param models how many models it judged
   * @param inDoubt whether it was sent before, to a node that left open whether it counts
   */
  record Receipt(Labelled query, long at, boolean observed, int models, boolean inDoubt) {}

  /** A query without an answer; {@code ended} completes with it, or when the connection breaks. */
  private record InFlight(String node, CompletableFuture<Void> ended) {}

  private record Label(Labelled query, long due, int attempt, boolean inDoubt) implements Delayed {
    @Override
    public long getDelay(TimeUnit unit) {
      return unit.convert(due - System.nanoTime(), TimeUnit.NANOSECONDS);
    }

    @Override
    public int compareTo(Delayed other) {
      return Long.compare(getDelay(TimeUnit.NANOSECONDS), other.getDelay(TimeUnit.NANOSECONDS));
    }
  }

  /** What is true of queries, one after the other. */
  private static final List<String> TRUTHS = List.of("1.0", "2.0", "1.0", "3.0", "2.0", "1.0");

  private static final long PAUSE_MILLIS = 10;
  private static final int ATTEMPTS = 30;
  private static final int LABELS_AT_ONCE_OF_EACH = 8;
  /** Where so many wait, one more is sent after so long: they may all have been sent a moment too early, and wait until they are refused. */
  private static final long PATIENCE_MILLIS = 500;
  /** Longer than a node that lives keeps feedback waiting: one that does not answer by then is passed over, by the next labels too. */
  private static final int LABEL_TIMEOUT_MILLIS = 12_000;
  private static final int UNAVAILABLE = 503;
  private static final int MOST_REFUSALS = 100;
  private static final long REFUSED_PAUSE_MILLIS = 100;

  private static final long SILENCE_NANOS = TimeUnit.SECONDS.toNanos(60);

  private final String application;
  private final long labelAfterNanos;
  private final Supplier<String> bodies;
  private final Map<String, InetSocketAddress> nodes = new ConcurrentHashMap<>();
  private final Map<String, Long> silentSince = new ConcurrentHashMap<>();
  private final Queue<Sample> samples = new ConcurrentLinkedQueue<>();
  /** When something happened to a node. */
  private final Queue<Long> faults = new ConcurrentLinkedQueue<>();

  private final Queue<Receipt> receipts = new ConcurrentLinkedQueue<>();
  private final Set<InFlight> inFlight = ConcurrentHashMap.newKeySet();
  private final DelayQueue<Label> labels = new DelayQueue<>();
  private final AtomicInteger labelled = new AtomicInteger();
  private final Queue<Labelled> givenUp = new ConcurrentLinkedQueue<>();
  /** One for each label of which nothing more is to be heard. */
  private final Semaphore settled = new Semaphore(0);
  private final List<Thread> askers = new ArrayList<>();
  private final ExecutorService sending = Executors.newThreadPerTaskExecutor(Thread.ofVirtual().name("labels").factory());
  private volatile boolean stopping;

  /** @param labelAfterNanos half of the queries are labelled so much later, the others at once */
  ClusterClients(String application, long labelAfterNanos) {
    this(application, labelAfterNanos, new Requests()::predict);
  }

  /** @param bodies of queries */
  ClusterClients(String application, long labelAfterNanos, Supplier<String> bodies) {
    this.bodies = bodies;
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

  /** Something happens to a node now. */
  void fault() {
    faults.add(System.nanoTime());
  }

  void start(Collection<String> names, int clientsOfEach) {
    for (String node : names) {
      for (int i = 0; i < clientsOfEach; i++) {
        askers.add(Thread.ofVirtual().name("client-" + node).start(() -> keepAsking(node)));
      }
    }
    Semaphore free = new Semaphore(LABELS_AT_ONCE_OF_EACH * clientsOfEach);
    sending.execute(() -> keepLabelling(free));
  }

  List<Sample> samples() {
    return List.copyOf(samples);
  }

  List<Receipt> receipts() {
    return List.copyOf(receipts);
  }

  List<Long> faults() {
    return List.copyOf(faults);
  }

  /** Labels that no node took however often they were sent; it is open which of them count. */
  List<Labelled> givenUp() {
    return List.copyOf(givenUp);
  }

  /** Queries without an answer at that node. */
  long inFlight(String node) {
    return inFlight.stream().filter(query -> query.node().equals(node)).count();
  }

  /** Waits until every query at the other nodes that has been sent by now is among the samples. */
  void awaitAnswers(String except) {
    CompletableFuture.allOf(
            inFlight.stream().filter(query -> !query.node().equals(except)).map(InFlight::ended).toArray(CompletableFuture<?>[]::new))
        .join();
  }

  /**
   * Asks no more, waits until every label was taken or given up, once, and sends none after that.
   *
   * @return whether that was so in time
   */
  boolean finish(Duration most) throws InterruptedException {
    stopping = true;
    for (Thread asking : askers) {
      asking.join();
    }
    boolean isSettled = settled.tryAcquire(labelled.get(), most.toNanos(), TimeUnit.NANOSECONDS);
    sending.shutdownNow();
    return isSettled && sending.awaitTermination(LABEL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
  }

  /**
   * Sends each label that counted once more, and again while it is refused by 503: what is refused so
   * may have counted, so that whoever asks compares what was learned before and after.
   *
   * @param refusals told of each
   * @return how many are not answered as counted already: they were acknowledged and lost
   */
  long lost(InetSocketAddress node, int connections, Consumer<String> refusals) throws InterruptedException {
    Queue<Labelled> again = new ConcurrentLinkedQueue<>(receipts.stream().filter(Receipt::observed).map(Receipt::query).toList());
    AtomicLong lost = new AtomicLong();
    List<Thread> senders = new ArrayList<>();
    for (int i = 0; i < connections; i++) {
      senders.add(Thread.ofVirtual().name("labels-again").start(() -> sendAgain(node, again, lost, refusals)));
    }
    for (Thread sender : senders) {
      sender.join();
    }
    return lost.get();
  }

  @Override
  public void close() {
    stopping = true;
    askers.forEach(Thread::interrupt);
    sending.shutdownNow();
    try {
      for (Thread asking : askers) {
        asking.join();
      }
      sending.awaitTermination(LABEL_TIMEOUT_MILLIS, TimeUnit.MILLISECONDS);
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
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
    try (HttpConnection connection = new HttpConnection(address)) {
      while (!stopping && address.equals(nodes.get(node))) {
        ask(node, connection);
        if (!pause(PAUSE_MILLIS)) {
          return;
        }
      }
    } catch (IOException broken) {
      // A query that broke with it is among the samples; the next one takes a new connection.
      return;
    }
  }

  private void ask(String node, HttpConnection connection) throws IOException {
    // It is known to be in flight before its time begins: whoever waits for all queries of a time misses none.
    InFlight query = new InFlight(node, new CompletableFuture<>());
    inFlight.add(query);
    long at = System.nanoTime();
    try {
      HttpConnection.Answer answer = connection.post("/%s/predict".formatted(application), bodies.get());
      Outcome outcome =
          !answer.isOk() ? Outcome.FAILED : answer.body().path("default").asBoolean(true) ? Outcome.DEFAULT : Outcome.REAL;
      samples.add(new Sample(node, at, System.nanoTime() - at, outcome, answer.body().path("default_explanation").asText("")));
      long queryId = answer.body().path("query_id").asLong(-1);
      if (outcome == Outcome.REAL && queryId >= 0) {
        int number = labelled.incrementAndGet();
        boolean late = number % 2 == 0;
        long answered = System.nanoTime();
        long due = answered + (late ? labelAfterNanos : 0);
        String truth = TRUTHS.get(number / 2 % TRUTHS.size());
        labels.add(new Label(new Labelled(queryId, answered, truth, late, answers(answer.body().path("models"))), due, 1, false));
      }
    } catch (IOException broken) {
      samples.add(new Sample(node, at, System.nanoTime() - at, Outcome.BROKEN, ""));
      throw broken;
    } finally {
      inFlight.remove(query);
      query.ended().complete(null);
    }
  }

  private static Map<ModelId, OptionalDouble> answers(JsonNode models) {
    Map<ModelId, OptionalDouble> answers = new LinkedHashMap<>();
    for (JsonNode model : models) {
      boolean inTime = model.path("output").isNumber() && !model.path("late").asBoolean();
      OptionalDouble output = inTime ? OptionalDouble.of(model.path("output").asDouble()) : OptionalDouble.empty();
      answers.put(new ModelId(model.path("name").asText(), model.path("version").asText()), output);
    }
    return answers;
  }

  private void keepLabelling(Semaphore free) {
    try {
      while (true) {
        Label label = labels.take();
        boolean isOneOfThem = free.tryAcquire(PATIENCE_MILLIS, TimeUnit.MILLISECONDS);
        sending.execute(
            () -> {
              label(label);
              if (isOneOfThem) {
                free.release();
              }
            });
      }
    } catch (InterruptedException | RejectedExecutionException closed) {
      Thread.currentThread().interrupt();
    }
  }

  private void label(Label label) {
    boolean inDoubt = label.inDoubt();
    for (Map.Entry<String, InetSocketAddress> node : takers()) {
      try (HttpConnection connection = new HttpConnection(node.getValue(), LABEL_TIMEOUT_MILLIS)) {
        Optional<Receipt> receipt = receipt(label.query(), inDoubt, node.getKey(), connection);
        if (receipt.isPresent()) {
          receipts.add(receipt.get());
          settled.release();
          return;
        }
        inDoubt = true;
      } catch (IOException notThere) {
        // Whoever could not connect has sent nothing.
      }
    }
    if (label.attempt() < ATTEMPTS) {
      labels.add(new Label(label.query(), System.nanoTime() + TimeUnit.SECONDS.toNanos(1), label.attempt() + 1, inDoubt));
    } else {
      givenUp.add(label.query());
      settled.release();
    }
  }

  /** Those that do not let labels wait in vain, or all where none is left. */
  private Collection<Map.Entry<String, InetSocketAddress>> takers() {
    List<Map.Entry<String, InetSocketAddress>> heard = nodes.entrySet().stream().filter(node -> !isSilent(node.getKey())).toList();
    return heard.isEmpty() ? nodes.entrySet() : heard;
  }

  private boolean isSilent(String node) {
    Long since = silentSince.get(node);
    return since != null && System.nanoTime() - since < SILENCE_NANOS;
  }

  /** Empty where the node does not say that it took the label. */
  private Optional<Receipt> receipt(Labelled query, boolean inDoubt, String node, HttpConnection connection) {
    try {
      HttpConnection.Answer answer = connection.post("/%s/update".formatted(application), Requests.update(query.queryId(), query.label()));
      return answer.isOk()
          ? Optional.of(new Receipt(query, System.nanoTime(), answer.body().path("observed").asBoolean(), answer.body().path("models").asInt(), inDoubt))
          : Optional.empty();
    } catch (SocketTimeoutException silent) {
      silentSince.put(node, System.nanoTime());
      return Optional.empty();
    } catch (IOException unanswered) {
      return Optional.empty();
    }
  }

  private void sendAgain(InetSocketAddress node, Queue<Labelled> again, AtomicLong lost, Consumer<String> refusals) {
    for (Labelled query = again.peek(); query != null; query = again.peek()) {
      try (HttpConnection connection = new HttpConnection(node)) {
        for (query = again.poll(); query != null; query = again.poll()) {
          lost.addAndGet(isKnownAsCounted(connection, query, refusals) ? 0 : 1);
        }
      } catch (IOException unanswered) {
        refusals.accept(String.valueOf(unanswered));
        lost.incrementAndGet();
      }
    }
  }

  private boolean isKnownAsCounted(HttpConnection connection, Labelled query, Consumer<String> refusals) throws IOException {
    String update = Requests.update(query.queryId(), query.label());
    HttpConnection.Answer answer = connection.post("/%s/update".formatted(application), update);
    for (int refused = 0; answer.status() == UNAVAILABLE && refused < MOST_REFUSALS && pause(REFUSED_PAUSE_MILLIS); refused++) {
      refusals.accept(String.valueOf(answer.body()));
      answer = connection.post("/%s/update".formatted(application), update);
    }
    if (!answer.isOk()) {
      refusals.accept(String.valueOf(answer.body()));
    }
    return answer.isOk() && !answer.body().path("observed").asBoolean(true);
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
