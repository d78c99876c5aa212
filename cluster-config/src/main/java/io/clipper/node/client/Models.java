package io.clipper.node.client;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** The node's model versions, as its catalog lists them. */
public record Models(List<Version> versions) {
  public record Version(String model, String version, boolean current) {}

  public Models {
    versions = List.copyOf(versions);
  }

  public static Models of(NodeClient client) {
    return of(client.admin("get_all_models", NodeClient.request().put("verbose", true)));
  }

  static Models of(JsonNode list) {
    List<Version> versions = new ArrayList<>();
    for (JsonNode entry : list) {
      versions.add(
          new Version(
              entry.path("model_name").asText(),
              entry.path("model_version").asText(),
              entry.path("is_current_version").asBoolean()));
    }
    return new Models(versions);
  }

  public Optional<String> current(String model) {
    return of(model).filter(Version::current).map(Version::version).findFirst();
  }

  public List<String> versions(String model) {
    return of(model).map(Version::version).toList();
  }

  /** One above the largest version that is a whole number; 1 for the first. */
  public String nextVersion(String model) {
    long largest = of(model).map(Version::version).filter(v -> v.matches("[0-9]{1,15}")).mapToLong(Long::parseLong).max().orElse(0);
    return Long.toString(largest + 1);
  }

  public static List<String> strings(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false).map(JsonNode::asText).toList();
  }

  private Stream<Version> of(String model) {
    return versions.stream().filter(version -> version.model().equals(model));
  }
}
