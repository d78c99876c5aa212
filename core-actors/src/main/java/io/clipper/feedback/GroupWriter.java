package io.clipper.feedback;

import io.clipper.certainty.Basis;
import io.clipper.certainty.Promise;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.feedback.LoggedQuery.Outcome;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.selection.Propensity;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalDouble;

/** Writes a group of logged queries as a {@link LoggedGroup} reads it: a query of five models takes some tens of bytes besides its outputs. */
final class GroupWriter {
  private final GrowingBytes entries;
  private final Map<String, Integer> texts = new LinkedHashMap<>();
  private final Map<ModelId, Integer> models = new HashMap<>();
  private final Map<List<String>, Integer> classLists = new LinkedHashMap<>();

  private GroupWriter(int queries) {
    this.entries = new GrowingBytes(128 * queries);
  }

  static byte[] encode(List<LoggedQuery> queries) {
    List<LoggedQuery> ordered = queries.stream().sorted(Comparator.comparingLong(LoggedQuery::queryId)).toList();
    GroupWriter writer = new GroupWriter(ordered.size());
    GrowingBytes out = new GrowingBytes(LoggedGroup.HEAD_BYTES + ordered.size() * (LoggedGroup.PLACE_BYTES + 128));
    out.writeByte(LoggedGroup.VERSION);
    out.writeInt(ordered.size());
    for (LoggedQuery query : ordered) {
      out.writeLong(query.queryId());
      out.writeInt(writer.entries.size());
      writer.query(query.known());
    }
    strings(out, writer.texts.keySet());
    out.writeInt(writer.classLists.size());
    writer.classLists.keySet().forEach(classes -> strings(out, classes));
    out.write(writer.entries.written());
    return out.toByteArray();
  }

  private void query(LoggedQuery query) {
    text(query.application());
    entries.writeLong(query.queryId());
    entries.writeBoolean(query.context().isPresent());
    if (query.context().isPresent()) {
      string(entries, query.context().get());
    }
    entries.writeShort(query.asked().size());
    for (Asked asked : query.asked()) {
      model(asked.model());
      entries.writeDouble(asked.probability());
      outcome(asked.outcome());
    }
    entries.writeBoolean(query.played().isPresent());
    if (query.played().isPresent()) {
      model(query.played().get().model());
      entries.writeDouble(query.played().get().probability());
    }
    models(query.winners());
    models(query.candidates());
    entries.writeByte(code(query.propensity()));
    double[] features = query.features().toArray();
    entries.writeByte(features.length);
    for (double feature : features) {
      entries.writeDouble(feature);
    }
    entries.writeBoolean(query.promise().isPresent());
    if (query.promise().isPresent()) {
      promise(query.promise().get());
    }
  }

  private void promise(Promise promise) {
    switch (promise.basis()) {
      case Basis.OfClasses ofClasses -> {
        entries.writeByte(0);
        entries.writeShort(number(classLists, ofClasses.classes()));
        for (double plausibility : ofClasses.plausibilities()) {
          entries.writeDouble(plausibility);
        }
      }
      case Basis.OfNumber ofNumber -> {
        entries.writeByte(1);
        entries.writeDouble(ofNumber.number());
      }
    }
    entries.writeDouble(promise.general());
    optional(promise.own());
    entries.writeBoolean(promise.calibrated());
    entries.writeLong(promise.labels());
    optional(promise.confidence());
    entries.writeBoolean(promise.answer().isPresent());
    if (promise.answer().isPresent()) {
      text(promise.answer().get());
    }
  }

  private void optional(OptionalDouble number) {
    entries.writeBoolean(number.isPresent());
    if (number.isPresent()) {
      entries.writeDouble(number.getAsDouble());
    }
  }

  private static int code(Propensity propensity) {
    return switch (propensity) {
      case EXACT -> 0;
      case ESTIMATED -> 1;
      case DETERMINISTIC -> 2;
    };
  }

  private void outcome(Outcome outcome) {
    switch (outcome) {
      case Gave gave -> {
        entries.writeByte(gave.late() ? 1 : 0);
        output(gave.output());
      }
      case Missing missing -> entries.writeByte(2);
      case NotAdmitted notAdmitted -> entries.writeByte(3);
    }
  }

  private void output(Output output) {
    entries.writeShort(output.tensors().size());
    for (NamedTensor named : output.tensors()) {
      Tensor tensor = named.tensor();
      text(named.name());
      text(tensor.datatype().name());
      long[] shape = tensor.shape();
      entries.writeByte(shape.length);
      for (long extent : shape) {
        entries.writeLong(extent);
      }
      entries.writeInt(tensor.sizeInBytes());
      entries.write(tensor.bytes());
    }
    entries.writeBoolean(output.probabilities().isPresent());
    if (output.probabilities().isPresent()) {
      ClassProbabilities probabilities = output.probabilities().get();
      entries.writeShort(number(classLists, probabilities.classes()));
      for (int i = 0; i < probabilities.size(); i++) {
        entries.writeDouble(probabilities.at(i));
      }
    }
  }

  private void models(List<ModelId> models) {
    entries.writeShort(models.size());
    for (ModelId model : models) {
      model(model);
    }
  }

  /** Its name and version are put together once a group. */
  private void model(ModelId model) {
    Integer known = models.get(model);
    if (known == null) {
      known = number(texts, model.toString());
      models.put(model, known);
    }
    entries.writeShort(known);
  }

  private void text(String text) {
    entries.writeShort(number(texts, text));
  }

  private static void strings(GrowingBytes out, Collection<String> strings) {
    out.writeInt(strings.size());
    strings.forEach(text -> string(out, text));
  }

  /** Of any length, which {@code writeUTF} is not. */
  private static void string(GrowingBytes out, String text) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    out.writeInt(bytes.length);
    out.write(bytes);
  }

  private static <T> int number(Map<T, Integer> known, T value) {
    Integer before = known.putIfAbsent(value, known.size());
    return before == null ? known.size() - 1 : before;
  }
}
