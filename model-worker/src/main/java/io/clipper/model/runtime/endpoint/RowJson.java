package io.clipper.model.runtime.endpoint;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.ListValue;
import com.google.protobuf.Struct;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The row format of TensorFlow Serving and KServe's first protocol: {@code instances} there, {@code predictions} back, one a row. */
final class RowJson {
  private RowJson() {}

  /** Several tensors a row go by their names, one by itself. */
  static String request(List<Input> batch) {
    ListValue.Builder instances = ListValue.newBuilder();
    for (Input input : batch) {
      instances.addValues(input.tensors().size() == 1 ? value(input.first()) : named(input.tensors()));
    }
    Struct request = Struct.newBuilder().putFields("instances", Value.newBuilder().setListValue(instances).build()).build();
    try {
      return JsonFormat.printer().omittingInsignificantWhitespace().print(request);
    } catch (InvalidProtocolBufferException | IllegalArgumentException unwritable) {
      throw new IllegalArgumentException("the input cannot be written as JSON: " + unwritable.getMessage(), unwritable);
    }
  }

  /** Throws {@link IllegalStateException} where the body is no such answer. */
  static List<Output> outputs(String body, int rows) {
    Struct.Builder answer = Struct.newBuilder();
    try {
      JsonFormat.parser().merge(body, answer);
    } catch (InvalidProtocolBufferException malformed) {
      throw new IllegalStateException("the server's answer is no JSON object", malformed);
    }
    Value predictions = answer.getFieldsMap().get("predictions");
    if (predictions == null || !predictions.hasListValue() || predictions.getListValue().getValuesCount() != rows) {
      throw new IllegalStateException("the server's answer has not %d predictions".formatted(rows));
    }
    return predictions.getListValue().getValuesList().stream().map(RowJson::output).toList();
  }

  private static Output output(Value prediction) {
    if (!prediction.hasStructValue()) {
      return Output.of(tensor(prediction));
    }
    List<NamedTensor> tensors = new ArrayList<>();
    for (Map.Entry<String, Value> field : prediction.getStructValue().getFieldsMap().entrySet()) {
      tensors.add(new NamedTensor(field.getKey(), tensor(field.getValue())));
    }
    return new Output(tensors, Optional.empty());
  }

  /** Nested lists are read flat, row by row, under one dimension: a list of one number is that number. */
  private static Tensor tensor(Value value) {
    List<Value> elements = new ArrayList<>();
    flatten(value, elements);
    boolean texts = elements.stream().anyMatch(Value::hasStringValue);
    Tensor flat =
        texts
            ? Tensor.ofStrings(elements.stream().map(Value::getStringValue).toArray(String[]::new))
            : Tensor.ofDoubles(elements.stream().mapToDouble(RowJson::number).toArray());
    return elements.size() == 1 ? flat.reshaped() : flat;
  }

  private static double number(Value value) {
    if (value.hasBoolValue()) {
      return value.getBoolValue() ? 1 : 0;
    }
    if (!value.hasNumberValue()) {
      throw new IllegalStateException("the server's answer has %s where a number should be".formatted(value.getKindCase()));
    }
    return value.getNumberValue();
  }

  private static void flatten(Value value, List<Value> elements) {
    if (value.hasListValue()) {
      value.getListValue().getValuesList().forEach(each -> flatten(each, elements));
    } else {
      elements.add(value);
    }
  }

  private static Value named(List<NamedTensor> tensors) {
    Struct.Builder fields = Struct.newBuilder();
    tensors.forEach(tensor -> fields.putFields(tensor.name(), value(tensor.tensor())));
    return Value.newBuilder().setStructValue(fields).build();
  }

  private static Value value(Tensor tensor) {
    List<Value> elements = new ArrayList<>();
    if (tensor.datatype() == Datatype.BYTES) {
      tensor.strings().forEach(text -> elements.add(Value.newBuilder().setStringValue(text).build()));
    } else {
      for (int i = 0; i < tensor.elements(); i++) {
        elements.add(Value.newBuilder().setNumberValue(tensor.doubleAt(i)).build());
      }
    }
    return nested(tensor.shape(), 0, elements.iterator());
  }

  private static Value nested(long[] shape, int dimension, Iterator<Value> elements) {
    if (dimension == shape.length) {
      return elements.next();
    }
    ListValue.Builder list = ListValue.newBuilder();
    for (long i = 0; i < shape[dimension]; i++) {
      list.addValues(nested(shape, dimension + 1, elements));
    }
    return Value.newBuilder().setListValue(list).build();
  }
}
