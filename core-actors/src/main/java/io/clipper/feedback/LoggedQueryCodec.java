package io.clipper.feedback;

import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.feedback.LoggedQuery.Outcome;
import io.clipper.feedback.LoggedQuery.Played;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.Datatype;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.selection.Features;
import io.clipper.selection.Propensity;
import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A group of logged queries as bytes. A string or a list of classes is written once a group and then by number, so that a query of five
 * models takes some tens of bytes besides its outputs.
 */
final class LoggedQueryCodec {
  private static final int VERSION = 2;

  /** Knew neither features nor other than exact probabilities. */
  private static final int FIRST_VERSION = 1;

  private static final int NEW = -1;

  private LoggedQueryCodec() {}

  static byte[] encode(List<LoggedQuery> group) {
    GrowingBytes out = new GrowingBytes(256 * group.size());
    out.writeByte(VERSION);
    out.writeInt(group.size());
    Writer writer = new Writer(out);
    for (LoggedQuery query : group) {
      writer.query(query);
    }
    return out.toByteArray();
  }

  static List<LoggedQuery> decode(byte[] bytes) {
    try (DataInputStream in = new DataInputStream(new ByteArrayInputStream(bytes))) {
      int version = in.readByte();
      if (version < FIRST_VERSION || version > VERSION) {
        throw new IOException(
            "a group of the prediction log is of version %d, this node reads %d to %d".formatted(version, FIRST_VERSION, VERSION));
      }
      int size = in.readInt();
      List<LoggedQuery> group = new ArrayList<>(size);
      Reader reader = new Reader(in, version);
      for (int i = 0; i < size; i++) {
        group.add(reader.query());
      }
      return group;
    } catch (IOException damaged) {
      throw new UncheckedIOException(damaged);
    }
  }

  private static final class Writer {
    private final GrowingBytes out;
    private final Map<String, Integer> texts = new HashMap<>();
    private final Map<ModelId, Integer> models = new HashMap<>();
    private final Map<List<String>, Integer> classLists = new HashMap<>();

    Writer(GrowingBytes out) {
      this.out = out;
    }

    void query(LoggedQuery query) {
      text(query.application());
      out.writeLong(query.queryId());
      out.writeBoolean(query.context().isPresent());
      if (query.context().isPresent()) {
        string(query.context().get());
      }
      out.writeShort(query.asked().size());
      for (Asked asked : query.asked()) {
        model(asked.model());
        out.writeDouble(asked.probability());
        outcome(asked.outcome());
      }
      out.writeBoolean(query.played().isPresent());
      if (query.played().isPresent()) {
        model(query.played().get().model());
        out.writeDouble(query.played().get().probability());
      }
      models(query.winners());
      models(query.candidates());
      out.writeByte(code(query.propensity()));
      double[] features = query.features().toArray();
      out.writeByte(features.length);
      for (double feature : features) {
        out.writeDouble(feature);
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
          out.writeByte(gave.late() ? 1 : 0);
          output(gave.output());
        }
        case Missing missing -> out.writeByte(2);
        case NotAdmitted notAdmitted -> out.writeByte(3);
      }
    }

    private void output(Output output) {
      out.writeShort(output.tensors().size());
      for (NamedTensor named : output.tensors()) {
        Tensor tensor = named.tensor();
        text(named.name());
        text(tensor.datatype().name());
        long[] shape = tensor.shape();
        out.writeByte(shape.length);
        for (long extent : shape) {
          out.writeLong(extent);
        }
        out.writeInt(tensor.sizeInBytes());
        out.write(tensor.bytes());
      }
      out.writeBoolean(output.probabilities().isPresent());
      if (output.probabilities().isPresent()) {
        ClassProbabilities probabilities = output.probabilities().get();
        classes(probabilities.classes());
        for (int i = 0; i < probabilities.size(); i++) {
          out.writeDouble(probabilities.at(i));
        }
      }
    }

    private void models(List<ModelId> models) {
      out.writeShort(models.size());
      for (ModelId model : models) {
        model(model);
      }
    }

    /** Its name and version are put together once a group. */
    private void model(ModelId model) {
      Integer known = models.get(model);
      if (known == null) {
        String text = model.toString();
        text(text);
        models.put(model, texts.get(text));
      } else {
        out.writeShort(known);
      }
    }

    private void string(String text) {
      byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(bytes.length);
      out.write(bytes);
    }

    private void text(String text) {
      Integer known = texts.putIfAbsent(text, texts.size());
      out.writeShort(known == null ? NEW : known);
      if (known == null) {
        string(text);
      }
    }

    private void classes(List<String> classes) {
      Integer known = classLists.putIfAbsent(classes, classLists.size());
      out.writeShort(known == null ? NEW : known);
      if (known == null) {
        out.writeInt(classes.size());
        for (String label : classes) {
          string(label);
        }
      }
    }
  }

  private static final class Reader {
    private final DataInputStream in;
    private final int version;
    private final List<String> texts = new ArrayList<>();
    private final List<List<String>> classLists = new ArrayList<>();

    Reader(DataInputStream in, int version) {
      this.in = in;
      this.version = version;
    }

    LoggedQuery query() throws IOException {
      String application = text();
      long queryId = in.readLong();
      Optional<String> context = in.readBoolean() ? Optional.of(string()) : Optional.empty();
      int count = in.readShort();
      List<Asked> asked = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        ModelId model = ModelId.parse(text());
        double probability = in.readDouble();
        asked.add(new Asked(model, probability, outcome()));
      }
      Optional<Played> played = in.readBoolean() ? Optional.of(new Played(ModelId.parse(text()), in.readDouble())) : Optional.empty();
      List<ModelId> winners = models();
      List<ModelId> candidates = models();
      if (version == FIRST_VERSION) {
        return new LoggedQuery(application, queryId, context, asked, played, winners, candidates);
      }
      Propensity propensity = propensity();
      return new LoggedQuery(application, queryId, context, asked, played, winners, candidates, features(), propensity);
    }

    private Propensity propensity() throws IOException {
      int code = in.readByte();
      return switch (code) {
        case 0 -> Propensity.EXACT;
        case 1 -> Propensity.ESTIMATED;
        case 2 -> Propensity.DETERMINISTIC;
        default -> throw new IOException("propensity %d is not known".formatted(code));
      };
    }

    private Features features() throws IOException {
      double[] values = new double[in.readByte()];
      for (int i = 0; i < values.length; i++) {
        values[i] = in.readDouble();
      }
      return Features.of(values);
    }

    private Outcome outcome() throws IOException {
      int kind = in.readByte();
      return switch (kind) {
        case 0 -> new Gave(output(), false);
        case 1 -> new Gave(output(), true);
        case 2 -> new Missing();
        case 3 -> new NotAdmitted();
        default -> throw new IOException("outcome %d is not known".formatted(kind));
      };
    }

    private Output output() throws IOException {
      int count = in.readShort();
      List<NamedTensor> tensors = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        String name = text();
        Datatype datatype = Datatype.named(text());
        long[] shape = new long[in.readByte()];
        for (int d = 0; d < shape.length; d++) {
          shape[d] = in.readLong();
        }
        tensors.add(new NamedTensor(name, Tensor.wrap(datatype, shape, in.readNBytes(in.readInt()))));
      }
      if (!in.readBoolean()) {
        return new Output(tensors, Optional.empty());
      }
      List<String> classes = classes();
      double[] values = new double[classes.size()];
      for (int i = 0; i < values.length; i++) {
        values[i] = in.readDouble();
      }
      return new Output(tensors, Optional.of(new ClassProbabilities(classes, values)));
    }

    private List<ModelId> models() throws IOException {
      int count = in.readShort();
      List<ModelId> models = new ArrayList<>(count);
      for (int i = 0; i < count; i++) {
        models.add(ModelId.parse(text()));
      }
      return models;
    }

    private String string() throws IOException {
      return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
    }

    private String text() throws IOException {
      int number = in.readShort();
      if (number != NEW) {
        return texts.get(number);
      }
      texts.add(string());
      return texts.getLast();
    }

    private List<String> classes() throws IOException {
      int number = in.readShort();
      if (number != NEW) {
        return classLists.get(number);
      }
      int size = in.readInt();
      List<String> classes = new ArrayList<>(size);
      for (int i = 0; i < size; i++) {
        classes.add(string());
      }
      classLists.add(List.copyOf(classes));
      return classLists.getLast();
    }
  }
}
