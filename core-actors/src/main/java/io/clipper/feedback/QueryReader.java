package io.clipper.feedback;

import io.clipper.certainty.Basis;
import io.clipper.certainty.Promise;
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
import java.io.DataInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** Reads logged queries of one group, one after the other. */
final class QueryReader {
  /** In groups of earlier versions: what follows is written for the first time, and has the next number. */
  private static final int NEW = -1;

  /** Knew neither features nor other than exact probabilities. */
  private static final int FIRST_VERSION = 1;

  /** The first that knew promises. */
  private static final int PROMISES_SINCE = 4;

  private final DataInputStream in;
  private final int version;
  private final List<String> texts;
  private final List<List<String>> classLists;

  /** @param texts by their numbers; {@code classLists} too. In groups of earlier versions they are met on the way, and added. */
  QueryReader(DataInputStream in, int version, List<String> texts, List<List<String>> classLists) {
    this.in = in;
    this.version = version;
    this.texts = texts;
    this.classLists = classLists;
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
    Features features = features();
    Optional<Promise> promise = version >= PROMISES_SINCE && in.readBoolean() ? Optional.of(promise()) : Optional.empty();
    return new LoggedQuery(application, queryId, context, asked, played, winners, candidates, features, propensity, promise);
  }

  private Promise promise() throws IOException {
    int kind = in.readByte();
    Basis basis =
        switch (kind) {
          case 0 -> ofClasses();
          case 1 -> new Basis.OfNumber(in.readDouble());
          default -> throw new IOException("basis %d is not known".formatted(kind));
        };
    return new Promise(
        basis,
        in.readDouble(),
        number(),
        in.readBoolean(),
        in.readLong(),
        number(),
        in.readBoolean() ? Optional.of(text()) : Optional.empty());
  }

  private Basis ofClasses() throws IOException {
    List<String> classes = classes();
    List<Double> plausibilities = new ArrayList<>(classes.size());
    for (int i = 0; i < classes.size(); i++) {
      plausibilities.add(in.readDouble());
    }
    return new Basis.OfClasses(classes, plausibilities);
  }

  private OptionalDouble number() throws IOException {
    return in.readBoolean() ? OptionalDouble.of(in.readDouble()) : OptionalDouble.empty();
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
    return string(in);
  }

  static String string(DataInputStream in) throws IOException {
    return new String(in.readNBytes(in.readInt()), StandardCharsets.UTF_8);
  }

  static List<String> strings(DataInputStream in) throws IOException {
    int size = in.readInt();
    List<String> strings = new ArrayList<>(size);
    for (int i = 0; i < size; i++) {
      strings.add(string(in));
    }
    return strings;
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
    classLists.add(List.copyOf(strings(in)));
    return classLists.getLast();
  }
}
