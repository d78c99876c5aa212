package io.clipper.load;

import static java.util.stream.Collectors.counting;
import static java.util.stream.Collectors.groupingBy;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.load.ClusterClients.Labelled;
import io.clipper.load.ClusterClients.Receipt;
import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;
import java.util.stream.Stream;

/**
 * What one node would have learned from all that a cluster acknowledged, by the learner alone: with an η that stays, all models asked and
 * each label known, a cluster that counted each label once has the same weights, whatever happened to its nodes.
 */
final class SingleNode {
  private static final double MOST_APART = 1e-9;
  /** So many labels of which it is open whom they judged are tried in every way that they can be; of more there are too many ways. */
  private static final int MOST_TRIED = 4;

  private final Served served;

  SingleNode(Served served) {
    this.served = served;
  }

  /** @param state what the cluster says it has learned */
  void compare(JsonNode state, ClusterClients clients, Report report) {
    List<Receipt> counted = clients.receipts().stream().filter(Receipt::observed).toList();
    List<List<Observation>> possible = counted.stream().map(this::possible).toList();
    List<Observation> taught = possible.stream().filter(each -> each.size() == 1).map(List::getFirst).toList();
    List<List<Observation>> open = possible.stream().filter(each -> each.size() != 1).toList();
    Stream<Labelled> known = clients.receipts().stream().filter(receipt -> receipt.inDoubt() && !receipt.observed()).map(Receipt::query);
    Map<Observation, Long> inDoubt = Stream.concat(known, clients.givenUp().stream()).collect(groupingBy(this::ofAll, LinkedHashMap::new, counting()));
    long doubts = inDoubt.values().stream().mapToLong(Long::longValue).sum();
    long unacknowledged = state.path("observations").asLong(-1) - counted.size();
    Map<ModelId, Double> weights = weights(state);

    Learner alone = Learner.start(served.policy()).admit(served.ids(), Map.of());
    for (Observation observation : taught) {
      alone = alone.observe(observation);
    }
    double apart =
        open.size() <= MOST_TRIED ? leastApart(alone, open, new ArrayList<>(inDoubt.entrySet()), unacknowledged, weights) : Double.POSITIVE_INFINITY;
    double oneMore = apart(alone.observe(taught.getLast()), alone.weights(served.ids()));
    long notAll = counted.stream().filter(receipt -> receipt.models() < served.models().size()).count();
    report.line("weights: %s; one label more or less makes them differ by %.1e".formatted(weights.values(), oneMore));
    report.line("labels that judged fewer than %d models: %,d".formatted(served.models().size(), notAll));
    report.bar(open.isEmpty(), "acknowledged labels of which it is open whom they judged: %,d (0)".formatted(open.size()));
    report.bar(
        unacknowledged >= 0 && unacknowledged <= doubts,
        "labels that count and were never acknowledged: %,d (0 to %,d, whose answer was lost)".formatted(unacknowledged, doubts));
    report.bar(apart <= MOST_APART, "the weights differ from a single node's by %.1e (%.0e)".formatted(apart, MOST_APART));
    report.bar(oneMore > MOST_APART, "by which one label too many would be seen");
  }

  /**
   * Whoever was asked and gave nothing has lost, or was turned away before it was asked. The number of the judged tells which, unless some that
   * gave nothing have lost and some were turned away: then it is one of several. An empty list is a number that no query has.
   */
  private List<Observation> possible(Receipt receipt) {
    Labelled query = receipt.query();
    List<ModelId> gave = query.answers().entrySet().stream().filter(answer -> answer.getValue().isPresent()).map(Map.Entry::getKey).toList();
    List<ModelId> nothing = query.answers().keySet().stream().filter(model -> !gave.contains(model)).toList();
    return ofSize(receipt.models() - gave.size(), nothing).stream().map(lost -> of(query, Stream.concat(gave.stream(), lost.stream()).toList())).toList();
  }

  private static List<List<ModelId>> ofSize(int size, List<ModelId> models) {
    if (size == 0) {
      return List.of(List.of());
    }
    if (size < 0 || size > models.size()) {
      return List.of();
    }
    List<ModelId> rest = models.subList(1, models.size());
    Stream<List<ModelId>> withFirst = ofSize(size - 1, rest).stream().map(some -> Stream.concat(Stream.of(models.getFirst()), some.stream()).toList());
    return Stream.concat(withFirst, ofSize(size, rest).stream()).toList();
  }

  private Observation ofAll(Labelled query) {
    return of(query, List.copyOf(query.answers().keySet()));
  }

  private static Observation of(Labelled query, List<ModelId> judged) {
    return new Observation(judged.stream().map(model -> new Judged(model, loss(query, model), 1)).toList(), judged);
  }

  private static double loss(Labelled query, ModelId model) {
    OptionalDouble answer = query.answers().getOrDefault(model, OptionalDouble.empty());
    if (answer.isEmpty()) {
      return Served.LOST;
    }
    return answer.getAsDouble() == Double.parseDouble(query.label()) ? 0 : 1;
  }

  private Map<ModelId, Double> weights(JsonNode state) {
    Map<ModelId, Double> weights = new LinkedHashMap<>();
    for (JsonNode candidate : state.path("candidates")) {
      weights.put(new ModelId(candidate.path("model").asText(), candidate.path("version").asText()), candidate.path("weight").asDouble());
    }
    return weights;
  }

  /** By whichever are the right ones where it is open. */
  private double leastApart(
      Learner alone, List<List<Observation>> open, List<Map.Entry<Observation, Long>> inDoubt, long more, Map<ModelId, Double> weights) {
    if (open.isEmpty()) {
      return leastApart(alone, inDoubt, more, weights);
    }
    return open.getFirst().stream()
        .mapToDouble(observation -> leastApart(alone.observe(observation), open.subList(1, open.size()), inDoubt, more, weights))
        .min()
        .orElse(Double.POSITIVE_INFINITY);
  }

  /** By whichever of those in doubt count, so many in all. */
  private double leastApart(Learner alone, List<Map.Entry<Observation, Long>> inDoubt, long more, Map<ModelId, Double> weights) {
    if (inDoubt.isEmpty()) {
      return more == 0 ? apart(alone, weights) : Double.POSITIVE_INFINITY;
    }
    Map.Entry<Observation, Long> first = inDoubt.getFirst();
    List<Map.Entry<Observation, Long>> rest = inDoubt.subList(1, inDoubt.size());
    double least = Double.POSITIVE_INFINITY;
    Learner next = alone;
    for (long taken = 0; taken <= Math.min(more, first.getValue()); taken++) {
      least = Math.min(least, leastApart(next, rest, more - taken, weights));
      next = next.observe(first.getKey());
    }
    return least;
  }

  private double apart(Learner learner, Map<ModelId, Double> weights) {
    Map<ModelId, Double> own = learner.weights(served.ids());
    return served.ids().stream()
        .mapToDouble(model -> Math.abs(own.getOrDefault(model, Double.NaN) - weights.getOrDefault(model, Double.NaN)))
        .max()
        .orElse(Double.NaN);
  }
}
