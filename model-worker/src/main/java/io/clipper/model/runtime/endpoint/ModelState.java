package io.clipper.model.runtime.endpoint;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import java.util.Map;

/** What a server says at {@code /v1/models/NAME} of its model. */
final class ModelState {
  private static final String AVAILABLE = "AVAILABLE";

  private ModelState() {}

  /**
   * By KServe's {@code ready}, which some of its versions write as a text, or by a version of TensorFlow Serving's {@code
   * model_version_status} that is {@code AVAILABLE}. A server that says neither has said all by its status code.
   */
  static boolean isReady(String body) {
    Struct.Builder answer = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(body, answer);
    } catch (InvalidProtocolBufferException neither) {
      return true;
    }
    Map<String, Value> fields = answer.getFieldsMap();
    Value ready = fields.get("ready");
    if (ready != null) {
      return ready.getBoolValue() || Boolean.parseBoolean(ready.getStringValue());
    }
    Value versions = fields.get("model_version_status");
    return versions == null || versions.getListValue().getValuesList().stream().anyMatch(ModelState::isAvailable);
  }

  private static boolean isAvailable(Value version) {
    Value state = version.getStructValue().getFieldsMap().get("state");
    return state != null && state.getStringValue().equals(AVAILABLE);
  }
}
