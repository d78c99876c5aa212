package io.clipper.gateway;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * What of one request's JSON nobody here knows. It is passed over, and its names are counted: a parser keeps each name that it meets, which
 * costs many times what the name weighs.
 */
public final class Unknown {
  /** Far beyond what clients add to a request for other servers. */
  public static final int MOST_NAMES = 1 << 12;

  private int names;

  /** The parser stands on the value of a name that is not known, and then on that value's end; throws {@link JsonFault} for one name too many. */
  public void pass(JsonParser json) throws IOException {
    count();
    int depth = 0;
    for (JsonToken token = json.currentToken(); token != null; token = json.nextToken()) {
      if (token == JsonToken.FIELD_NAME) {
        count();
      } else if (token.isStructStart()) {
        depth++;
      } else if (token.isStructEnd()) {
        depth--;
      }
      if (depth == 0) {
        return;
      }
    }
  }

  private void count() {
    if (++names > MOST_NAMES) {
      throw new JsonFault("JSON has more than %d names that are not known".formatted(MOST_NAMES));
    }
  }
}
