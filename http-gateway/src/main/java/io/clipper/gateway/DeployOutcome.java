package io.clipper.gateway;

/** How the deployment of a model version ended. */
public sealed interface DeployOutcome {
  /** It takes queries. */
  record Warm() implements DeployOutcome {}

  /** It cannot be loaded, in the model's own words. */
  record Failed(String message) implements DeployOutcome {}
}
