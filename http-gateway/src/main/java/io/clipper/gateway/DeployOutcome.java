package io.clipper.gateway;

import java.util.Optional;

/** How the deployment of a model version ended. */
public sealed interface DeployOutcome {
  /**
   * It takes queries.
   *
   * @param remark what its operator should know of how it does, for people to read
   */
  record Warm(Optional<String> remark) implements DeployOutcome {}

  /** It cannot be loaded, in the model's own words. */
  record Failed(String message) implements DeployOutcome {}
}
