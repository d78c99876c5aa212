package io.clipper.model.runtime.oip;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.clipper.model.Labels;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The parameter by which an output says that its columns are the probabilities of classes: their labels in order, as a JSON array of
 * texts.
 */
final class ClassParameter {
  static final String NAME = "classes";

  private ClassParameter() {}

  static InferParameter of(List<String> classes) {
    ListValue.Builder labels = ListValue.newBuilder();
    classes.forEach(label -> labels.addValues(Value.newBuilder().setStringValue(label)));
    try {
      return InferParameter.newBuilder().setStringParam(JsonFormat.printer().omittingInsignificantWhitespace().print(labels)).build();
    } catch (InvalidProtocolBufferException impossible) {
      throw new IllegalArgumentException("the classes %s cannot be written as JSON".formatted(classes), impossible);
    }
  }

  /** Empty where the output does not say so. Throws {@link IllegalStateException} for a parameter of that name that is no such array. */
  static Optional<List<String>> read(Map<String, InferParameter> parameters) {
    InferParameter parameter = parameters.get(NAME);
    if (parameter == null) {
      return Optional.empty();
    }
    ListValue.Builder labels = ListValue.newBuilder();
    try {
      JsonFormat.parser().merge(parameter.getStringParam(), labels);
    } catch (InvalidProtocolBufferException malformed) {
      throw new IllegalStateException("the output's classes are no JSON array: " + parameter.getStringParam(), malformed);
    }
    return Optional.of(labels.getValuesList().stream().map(ClassParameter::label).toList());
  }

  private static String label(Value value) {
    return value.hasNumberValue() ? Labels.canonical(value.getNumberValue()) : Labels.canonical(value.getStringValue());
  }
}
