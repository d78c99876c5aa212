package io.clipper.node.demo;

import java.util.Map;

/** Whoever looks on while the digits pass. */
public interface Watcher {
  /**
   * @param digit how many have passed
   * @param weights by model, as last heard
   */
  record Scene(int digit, Script script, Scoreboard learned, Scoreboard uniform, Map<String, Double> weights) {
    public Scene {
      weights = Map.copyOf(weights);
    }
  }

  void sees(Scene scene);

  /** Something happens to the models. */
  void hears(String news);
}
