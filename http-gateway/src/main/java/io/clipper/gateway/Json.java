package io.clipper.gateway;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.ByteArrayBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import org.apache.pekko.util.ByteString;

/** How this server reads and writes JSON: strictly, and never deeper than a tensor needs. */
public final class Json {
  /** Deep enough for every tensor, far from what recursion costs. */
  private static final int MOST_NESTING = 64;

  /** About as much as a stream's parser reads at a time. */
  private static final int SMALL = 8 << 10;

  public static final JsonFactory FACTORY =
      JsonFactory.builder()
          .enable(StreamReadFeature.USE_FAST_DOUBLE_PARSER)
          .disable(JsonFactory.Feature.INTERN_FIELD_NAMES)
          .streamReadConstraints(
              StreamReadConstraints.builder().maxNestingDepth(MOST_NESTING).maxStringLength(Integer.MAX_VALUE).build())
          .build();

  private Json() {}

  /** Writes one value. */
  public interface Writing {
    void to(JsonGenerator json) throws IOException;
  }

  public static JsonParser parser(ByteString text) throws IOException {
    return parser(FACTORY, text);
  }

  /** Reads text that came in pieces piece by piece: only what is small is put together, as an array is read faster than a stream. */
  public static JsonParser parser(JsonFactory factory, ByteString text) throws IOException {
    return text.size() <= SMALL ? factory.createParser(text.toArrayUnsafe()) : factory.createParser(text.asInputStream());
  }

  public static ByteString write(Writing value) {
    ByteArrayBuilder bytes = new ByteArrayBuilder(256);
    try (JsonGenerator json = FACTORY.createGenerator(bytes)) {
      value.to(json);
    } catch (IOException impossible) {
      throw new UncheckedIOException(impossible);
    }
    return ByteString.fromArrayUnsafe(bytes.getClearAndRelease());
  }

  /** The parser's string; throws {@link JsonFault} for half a surrogate pair, which no UTF-8 can carry to a model. */
  public static String text(String key, JsonParser parser) throws IOException {
    if (parser.currentToken() != JsonToken.VALUE_STRING) {
      throw JsonFault.mismatch(key, "String", parser);
    }
    return wellFormed(key, parser.getText());
  }

  public static String wellFormed(String key, String text) {
    for (int i = 0; i < text.length(); i++) {
      if (Character.isSurrogate(text.charAt(i))) {
        if (i + 1 == text.length() || !Character.isSurrogatePair(text.charAt(i), text.charAt(i + 1))) {
          throw new JsonFault("JSON key %s has half a surrogate pair at character %d".formatted(key, i));
        }
        i++;
      }
    }
    return text;
  }

  /** Writes text that is itself JSON as that JSON, and any other as a string: the original's clients read outputs so. */
  public static void writeEmbedded(JsonGenerator json, String text) throws IOException {
    if (isJson(text)) {
      json.writeRawValue(text);
    } else {
      json.writeString(text);
    }
  }

  private static boolean isJson(String text) {
    if (text.isEmpty() || "{[\"-0123456789tfn \t\r\n".indexOf(text.charAt(0)) < 0) {
      return false;
    }
    try (JsonParser parser = FACTORY.createParser(text)) {
      if (parser.nextToken() == null) {
        return false;
      }
      parser.skipChildren();
      parser.finishToken();
      return parser.nextToken() == null;
    } catch (IOException notJson) {
      return false;
    }
  }
}
