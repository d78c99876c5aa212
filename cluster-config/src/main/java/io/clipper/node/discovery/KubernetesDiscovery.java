package io.clipper.node.discovery;

import com.fasterxml.jackson.databind.JsonNode;
import io.clipper.Refused;
import java.io.IOException;
import java.util.List;
import java.util.function.Supplier;
import java.util.stream.StreamSupport;

/**
 * The pods of this namespace that have those labels, and run.
 *
 * @param labels a selector as kubectl takes it
 */
record KubernetesDiscovery(String labels, int port, Supplier<KubernetesApi> api) implements Discovery {
  @Override
  public List<String> nodes(String self) {
    OwnAddresses own = OwnAddresses.of(self);
    try {
      JsonNode pods = api.get().pods(labels);
      return StreamSupport.stream(pods.path("items").spliterator(), false)
          .filter(pod -> pod.path("status").path("phase").asText().equals("Running"))
          .filter(pod -> pod.path("metadata").path("deletionTimestamp").isMissingNode())
          .map(pod -> pod.path("status").path("podIP").asText())
          .filter(address -> !address.isEmpty() && !own.include(address))
          .map(address -> address.contains(":") ? "[%s]".formatted(address) : address)
          .sorted()
          .map(host -> host + ":" + port)
          .toList();
    } catch (IOException failed) {
      throw new Refused(
          Refused.Reason.UNAVAILABLE, "--discovery: the Kubernetes API does not say which pods have %s: %s".formatted(labels, failed.getMessage()));
    }
  }
}
