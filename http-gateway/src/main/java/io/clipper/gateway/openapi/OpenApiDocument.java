package io.clipper.gateway.openapi;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.List;
import org.apache.pekko.util.ByteString;

/** The OpenAPI 3.1 document of a node, put together from its parts. */
final class OpenApiDocument {
  private static final JsonMapper JSON = new JsonMapper();
  private static final List<String> PATHS = List.of("clipper.json", "management.json", "inference.json");

  private OpenApiDocument() {}

  /** @param managementPort where the paths are that name a server of their own */
  static ByteString of(String version, int managementPort) {
    ObjectNode document = part("document.json");
    document.withObjectProperty("info").put("version", version);
    ObjectNode paths = document.putObject("paths");
    PATHS.forEach(name -> paths.setAll(part(name)));
    for (JsonNode path : paths) {
      for (JsonNode server : path.path("servers")) {
        ((ObjectNode) server).withObjectProperty("variables").withObjectProperty("port").put("default", Integer.toString(managementPort));
      }
    }
    document.set("components", part("components.json"));
    try {
      return ByteString.fromArrayUnsafe(JSON.writeValueAsBytes(document));
    } catch (JsonProcessingException impossible) {
      throw new UncheckedIOException(impossible);
    }
  }

  static byte[] resource(String name) {
    try (InputStream resource = OpenApiDocument.class.getResourceAsStream(name)) {
      if (resource == null) {
        throw new IllegalStateException("%s is not among the resources".formatted(name));
      }
      return resource.readAllBytes();
    } catch (IOException broken) {
      throw new UncheckedIOException(broken);
    }
  }

  private static ObjectNode part(String name) {
    try {
      return (ObjectNode) JSON.readTree(resource(name));
    } catch (IOException notJson) {
      throw new UncheckedIOException(name, notJson);
    }
  }
}
