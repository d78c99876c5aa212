package io.clipper.node.demo;

import io.clipper.node.client.Answer;
import io.clipper.node.client.Answer.ModelAnswer;
import io.clipper.node.demo.Digits.Digit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Random;
import java.util.concurrent.CompletableFuture;

/**
 * A node in memory: models that err by a seed, bad versions that swap digits, a vote, and for {@code digits} weights that fall by half
 * with each error and never below a floor, kept for each version.
 */
final class LearningNode implements DemoNode {
  private static final Map<String, String> SWAPPED = Map.of("3", "8", "8", "3", "1", "7", "7", "1", "4", "9", "9", "4");
  private static final double FLOOR = 0.01;

  final List<String> news = new ArrayList<>();
  final Map<String, String> current = new HashMap<>();
  private final Map<String, List<String>> previous = new HashMap<>();
  private final Map<String, Double> trust = new HashMap<>();
  private final Map<Long, Map<String, String>> pending = new HashMap<>();
  private final Random random = new Random(7);
  private long queries;
  long observations;

  LearningNode() {
    Digits.MODELS.forEach(model -> current.put(model, Digits.SOUND));
  }

  @Override
  public void ensureUniform(String application, String like, List<String> models) {
    news.add("uniform " + application + " like " + like);
  }

  @Override
  public CompletableFuture<Answer> predict(String application, Digit digit) {
    Map<String, String> outputs = new LinkedHashMap<>();
    Map<String, Double> votes = new HashMap<>();
    List<ModelAnswer> answers = new ArrayList<>();
    for (String model : Digits.MODELS) {
      String output = output(model, digit.label());
      double weight = application.equals(Digits.APPLICATION) ? weights().getOrDefault(model, 0.0) : 0.2;
      outputs.put(model, output);
      votes.merge(output, weight, Double::sum);
      answers.add(new ModelAnswer(model, version(model), Optional.of(output), weight, false, false));
    }
    String winner = votes.entrySet().stream().max(Map.Entry.comparingByValue()).orElseThrow().getKey();
    double agreement = outputs.values().stream().filter(winner::equals).count() / 5.0;
    pending.put(++queries, outputs);
    return CompletableFuture.completedFuture(
        new Answer(queries, winner, false, Optional.empty(), OptionalDouble.of(agreement), OptionalDouble.of(agreement), answers));
  }

  @Override
  public CompletableFuture<Void> label(String application, long queryId, String label) {
    if (application.equals(Digits.APPLICATION)) {
      observations++;
      pending.getOrDefault(queryId, Map.of()).forEach(
          (model, output) -> trust.put(id(model), judged(trusted(model), output.equals(label))));
    }
    return CompletableFuture.completedFuture(null);
  }

  @Override
  public Learned learned(String application) {
    return new Learned(observations, weights());
  }

  @Override
  public String currentVersion(String model) {
    return version(model);
  }

  @Override
  public String deploy(String model, byte[] artifact) {
    rollout(model, "2");
    news.add("deploy " + model);
    return "2";
  }

  @Override
  public void rollback(String model) {
    current.put(model, previous.getOrDefault(model, List.of(Digits.SOUND)).getLast());
    news.add("rollback " + model);
  }

  @Override
  public void rollout(String model, String version) {
    previous.put(model, List.of(version(model)));
    current.put(model, version);
    news.add("rollout " + model + " " + version);
  }

  private String output(String model, String label) {
    if (!version(model).equals(Digits.SOUND)) {
      return SWAPPED.getOrDefault(label, label);
    }
    return random.nextDouble() < 0.03 ? Integer.toString((Integer.parseInt(label) + 1) % 10) : label;
  }

  private Map<String, Double> weights() {
    double sum = Digits.MODELS.stream().mapToDouble(this::trusted).sum();
    Map<String, Double> weights = new LinkedHashMap<>();
    Digits.MODELS.forEach(model -> weights.put(model, trusted(model) / sum));
    return weights;
  }

  private static double judged(double trust, boolean right) {
    return right ? Math.min(1, trust * 1.2) : Math.max(FLOOR, trust / 2);
  }

  private double trusted(String model) {
    return trust.getOrDefault(id(model), 1.0);
  }

  private String id(String model) {
    return model + ":" + version(model);
  }

  private String version(String model) {
    return current.getOrDefault(model, Digits.SOUND);
  }
}
