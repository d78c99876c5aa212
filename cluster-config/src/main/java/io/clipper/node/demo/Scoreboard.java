package io.clipper.node.demo;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Stream;

/** One application's scores in the order they came, and what can be counted from them. Ranges start at 0 and leave out their end. */
public final class Scoreboard {
  private final List<Score> scores = new ArrayList<>();

  public void add(Score score) {
    scores.add(score);
  }

  public int size() {
    return scores.size();
  }

  public Tally accuracy(int from, int to) {
    return Tally.of(range(from, to).map(Score::correct));
  }

  /** Of one model's own outputs, whichever version it had. */
  public Tally accuracy(String model, int from, int to) {
    return Tally.of(range(from, to).map(Score::models).filter(models -> models.containsKey(model)).map(models -> right(models, model)));
  }

  public int defaults() {
    return (int) scores.stream().filter(Score::isDefault).count();
  }

  /** By the share of the models that gave the winning answer, in per cent; the most agreed first. */
  public SortedMap<Integer, Tally> byAgreement(int from, int to) {
    SortedMap<Integer, Tally> levels = new TreeMap<>((left, right) -> Integer.compare(right, left));
    range(from, to)
        .filter(score -> score.agreement().isPresent())
        .forEach(
            score ->
                levels.merge(
                    (int) Math.round(score.agreement().orElseThrow() * 100), new Tally(score.correct() ? 1 : 0, 1), Tally::plus));
    return levels;
  }

  /** The least latency that at least this share of the answers kept to; 0 where there are none. */
  public long micros(double share) {
    long[] sorted = scores.stream().mapToLong(Score::micros).sorted().toArray();
    return sorted.length == 0 ? 0 : sorted[Math.clamp((long) Math.ceil(share * sorted.length) - 1, 0, sorted.length - 1)];
  }

  private Stream<Score> range(int from, int to) {
    return scores.subList(Math.min(from, scores.size()), Math.min(to, scores.size())).stream();
  }

  private static boolean right(Map<String, Boolean> models, String model) {
    return models.getOrDefault(model, false);
  }
}
