package io.clipper.node.demo;

import io.clipper.node.client.Answer;
import io.clipper.node.demo.Digits.Digit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** What the show asks of a node: over HTTP in earnest, in memory in tests. */
public interface DemoNode {
  /** What an application has learned so far: its candidates' weights by model, and from how many observations. */
  record Learned(long observations, Map<String, Double> weights) {
    public Learned {
      weights = Map.copyOf(weights);
    }
  }

  /** Makes the application that weighs all models alike, where it is not there yet. */
  void ensureUniform(String application, String like, List<String> models);

  CompletableFuture<Answer> predict(String application, Digit digit);

  /** Done once the label is durable. */
  CompletableFuture<Void> label(String application, long queryId, String label);

  Learned learned(String application);

  /** The version of a model that is in use. */
  String currentVersion(String model);

  /** Puts a new version beside the old ones and into use; answers its name. */
  String deploy(String model, byte[] artifact);

  /** Back to the version before. */
  void rollback(String model);

  void rollout(String model, String version);
}
