package io.clipper.node.command;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import java.util.List;

/** Inputs and labels from words on the command line or cells of a CSV file. */
final class Values {
  private static final ObjectMapper JSON = new ObjectMapper();

  private Values() {}

  /** A number where it is one, else a string. */
  static JsonNode of(String word) {
    try {
      JsonNode value = JSON.readTree(word.strip());
      return value.isNumber() ? value : JsonNodeFactory.instance.textNode(word);
    } catch (JsonProcessingException aWord) {
      return JsonNodeFactory.instance.textNode(word);
    }
  }

  /** An array of the numbers; a single word that is none is a string. */
  static JsonNode input(List<String> words) {
    List<JsonNode> values = words.stream().map(Values::of).toList();
    if (values.stream().allMatch(JsonNode::isNumber)) {
      return JsonNodeFactory.instance.arrayNode().addAll(values);
    }
    if (values.size() == 1) {
      return values.getFirst();
    }
    int wrong = values.indexOf(values.stream().filter(value -> !value.isNumber()).findFirst().orElseThrow());
    throw new IllegalArgumentException("value %d, '%s', is not a number".formatted(wrong + 1, words.get(wrong)));
  }

  static JsonNode json(String text) {
    try {
      JsonNode value = JSON.readTree(text);
      if (value.isMissingNode()) {
        throw new IllegalArgumentException("--input is empty");
      }
      return value;
    } catch (JsonProcessingException wrong) {
      throw new IllegalArgumentException("--input is not JSON: " + wrong.getOriginalMessage(), wrong);
    }
  }
}
