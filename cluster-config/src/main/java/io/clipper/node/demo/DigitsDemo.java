package io.clipper.node.demo;

import static io.clipper.node.client.NodeClient.await;

import io.clipper.node.client.Answer;
import io.clipper.node.demo.Digits.Digit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.LongSupplier;

/**
 * Streams labelled digits to two applications over the same models, lets most of the models break and then rolls them back. Each label
 * is durable before the next digit is asked.
 */
public final class DigitsDemo {
  public static final String UNIFORM = "digits-uniform";
  /** Between two looks at the learned weights, in digits. */
  private static final int LOOK = 10;

  private final DemoNode node;
  private final Script script;
  private final boolean feedback;
  private final Watcher watcher;
  private final LongSupplier nanoClock;

  private final Scoreboard learned = new Scoreboard();
  private final Scoreboard uniform = new Scoreboard();
  private final List<String> broken = new ArrayList<>();
  private Map<String, Double> weights = Map.of();

  public DigitsDemo(DemoNode node, Script script, boolean feedback, Watcher watcher, LongSupplier nanoClock) {
    this.node = node;
    this.script = script;
    this.feedback = feedback;
    this.watcher = watcher;
    this.nanoClock = nanoClock;
  }

  /** All three acts, with the first rows of {@code digits}. */
  public Verdict run(List<Digit> digits) {
    if (digits.size() < script.rows()) {
      throw new IllegalArgumentException("%d digits for a show of %d".formatted(digits.size(), script.rows()));
    }
    prepare();
    stream(digits.subList(0, script.sound()));
    damage();
    int noticed = script.sound() + script.settle();
    stream(digits.subList(script.sound(), noticed));
    Map<String, Double> bad = weightsOf(Digits.BREAKING);
    stream(digits.subList(noticed, script.sound() + script.faulty()));
    restore();
    Map<String, Double> best = new LinkedHashMap<>();
    for (int next = script.sound() + script.faulty(); next < script.rows(); next += LOOK) {
      stream(digits.subList(next, Math.min(next + LOOK, script.rows())));
      weightsOf(Digits.BREAKING).forEach((model, weight) -> best.merge(model, weight, Math::max));
    }
    int end = script.sound() + script.faulty();
    return new Verdict(
        learned.accuracy(0, script.sound()).share(),
        learned.accuracy(noticed, end).share(),
        uniform.accuracy(noticed, end).share(),
        bad,
        best);
  }

  /** Takes the fault away, if it is there: also for a show that ends early. */
  public synchronized void restore() {
    if (!broken.isEmpty()) {
      broken.forEach(node::rollback);
      watcher.hears("rolled back " + String.join(", ", broken));
      broken.clear();
    }
  }

  private void prepare() {
    for (String model : Digits.MODELS) {
      String version = node.currentVersion(model);
      if (!version.equals(Digits.SOUND)) {
        node.rollout(model, Digits.SOUND);
        watcher.hears("%s was at version %s: back to version %s".formatted(model, version, Digits.SOUND));
      }
    }
    node.ensureUniform(UNIFORM, Digits.APPLICATION, Digits.MODELS);
    DemoNode.Learned before = node.learned(Digits.APPLICATION);
    if (before.observations() > 0) {
      watcher.hears("the weights are not fresh: digits has learned from %d observations before".formatted(before.observations()));
    }
    weights = before.weights();
  }

  private synchronized void damage() {
    List<String> versions = new ArrayList<>();
    for (String model : Digits.BREAKING) {
      versions.add(model + ":" + node.deploy(model, Digits.faulty(model)));
      broken.add(model);
    }
    watcher.hears("after %d digits bad versions go live: %s".formatted(learned.size(), String.join(", ", versions)));
  }

  private void stream(List<Digit> digits) {
    for (Digit digit : digits) {
      ask(digit);
      if (learned.size() % LOOK == 0) {
        weights = node.learned(Digits.APPLICATION).weights();
      }
      watcher.sees(new Watcher.Scene(learned.size(), script, learned, uniform, weights));
    }
  }

  private void ask(Digit digit) {
    CompletableFuture<Timed> first = asked(Digits.APPLICATION, digit);
    CompletableFuture<Timed> second = asked(UNIFORM, digit);
    Timed fromLearned = await(first);
    Timed fromUniform = await(second);
    learned.add(Score.of(digit.label(), fromLearned.answer(), fromLearned.micros()));
    uniform.add(Score.of(digit.label(), fromUniform.answer(), fromUniform.micros()));
    if (feedback) {
      CompletableFuture<Void> one = node.label(Digits.APPLICATION, fromLearned.answer().queryId(), digit.label());
      CompletableFuture<Void> other = node.label(UNIFORM, fromUniform.answer().queryId(), digit.label());
      await(one);
      await(other);
    }
  }

  private record Timed(Answer answer, long micros) {}

  private CompletableFuture<Timed> asked(String application, Digit digit) {
    long start = nanoClock.getAsLong();
    return node.predict(application, digit).thenApply(answer -> new Timed(answer, (nanoClock.getAsLong() - start) / 1000));
  }

  private Map<String, Double> weightsOf(List<String> models) {
    weights = node.learned(Digits.APPLICATION).weights();
    Map<String, Double> now = weights;
    return models.stream().collect(LinkedHashMap::new, (map, model) -> map.put(model, now.getOrDefault(model, 0.0)), Map::putAll);
  }

  public Scoreboard learned() {
    return learned;
  }

  public Scoreboard uniform() {
    return uniform;
  }
}
