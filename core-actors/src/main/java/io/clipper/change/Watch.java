package io.clipper.change;

import io.clipper.change.Adwin.Checked;
import io.clipper.change.Adwin.Cut;
import io.clipper.change.Changed.DataDrift;
import io.clipper.change.Changed.Worsened;
import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * Watches each model's loss less the candidates' median loss on the same input, and that median. An immutable value.
 *
 * @param doubt δ, the chance of one false notice or more in a window, shared by all streams
 * @param streams of the models, in the order in which they came
 * @param median of the candidates' losses
 * @param labels how many were seen
 */
public record Watch(double doubt, List<Stream> streams, Adwin median, long labels) {
  /*
   * A median of losses that are 0 or 1 is no straight line: where five models err independently and each errs 0.2 more often, their median
   * rises by 0.15, and each model's distance from it by 0.05; where one errs more often, the median rises a little too. So a rise of a
   * model's stream is its own only if more than half of it is more than what the streams of the candidates rose by in the same stretch, in
   * their median; and a rise of the median is everybody's only if the candidates' own losses rose by more than half as much.
   */

  /** ADWIN's usual doubt. */
  static final double DOUBT = 0.002;

  /** A check costs the logarithm of the window, and is made so many labels apart. */
  private static final int CLOCK = 32;

  private static final double SHARE = 0.5;

  /** What a model has learned of is worth more than a smaller rise costs. */
  private static final double LEAST_RISE = 0.05;

  /**
   * One model's.
   *
   * @param before the mean of what was dropped last; empty where nothing was
   */
  public record Stream(ModelId model, Adwin adwin, OptionalDouble before) {
    Stream with(double difference) {
      return new Stream(model, adwin.with(difference), before);
    }

    /** By how much it rose for so many labels, also where what came before them was dropped in the meantime. */
    double rise(long newest) {
      boolean remembers = adwin.size() > newest + newest / 2;
      return remembers || before.isEmpty() ? adwin.rise(newest) : adwin.mean() - before.getAsDouble();
    }
  }

  /** The next value, and what it noticed. */
  public record Noticed(Watch watch, List<Changed> changes) {
    public Noticed {
      changes = List.copyOf(changes);
    }
  }

  public Watch {
    streams = List.copyOf(streams);
  }

  public static Watch start() {
    return start(DOUBT);
  }

  static Watch start(double doubt) {
    return new Watch(doubt, List.of(), Adwin.EMPTY, 0);
  }

  /** What one label said of the models that it judged. */
  public Noticed observe(Observation observation) {
    List<Judged> judged = observation.judged();
    if (judged.isEmpty()) {
      return new Noticed(this, List.of());
    }
    double middle = middle(judged.stream().mapToDouble(Judged::loss).toArray());
    List<Stream> next = new ArrayList<>(streams);
    for (Judged one : judged) {
      int index = indexOf(next, one.model());
      double difference = one.loss() - middle;
      if (index < 0) {
        next.add(new Stream(one.model(), Adwin.EMPTY, OptionalDouble.empty()).with(difference));
      } else {
        next.set(index, next.get(index).with(difference));
      }
    }
    Watch watch = new Watch(doubt, next, median.with(middle), labels + 1);
    return watch.labels % CLOCK == 0 ? watch.checked(observation.candidates()) : new Noticed(watch, List.of());
  }

  /** Without a model that is gone, or one whose state was damped and who is to be compared with what it does from now on. */
  public Watch without(ModelId model) {
    return new Watch(doubt, streams.stream().filter(stream -> !stream.model().equals(model)).toList(), median, labels);
  }

  /** Of these models only: a version that left begins anew when it returns. */
  public Watch of(List<ModelId> candidates) {
    return new Watch(doubt, streams.stream().filter(stream -> candidates.contains(stream.model())).toList(), median, labels);
  }

  private Noticed checked(List<ModelId> candidates) {
    double share = doubt / (candidates.size() + 1);
    List<Changed> changes = new ArrayList<>();
    List<Stream> next = new ArrayList<>(streams.size());
    for (Stream stream : streams) {
      if (candidates.contains(stream.model())) {
        Checked checked = stream.adwin().checked(share);
        checked.cut().filter(cut -> isItsOwn(cut, candidates)).ifPresent(cut -> changes.add(worsened(stream.model(), cut)));
        next.add(checked.cut().isEmpty() ? stream : new Stream(stream.model(), checked.adwin(), OptionalDouble.of(checked.cut().get().before())));
      } else {
        next.add(stream);
      }
    }
    Checked all = median.checked(share);
    all.cut().filter(cut -> isEverybodys(cut, candidates)).ifPresent(cut -> changes.add(new DataDrift(cut.before(), cut.after(), cut.remaining())));
    return new Noticed(new Watch(doubt, next, all.adwin(), labels), changes);
  }

  private static Worsened worsened(ModelId model, Cut cut) {
    return new Worsened(model, cut.before(), cut.after(), cut.remaining());
  }

  private boolean isItsOwn(Cut cut, List<ModelId> candidates) {
    double rise = cut.after() - cut.before();
    return rise >= LEAST_RISE && rise - commonRise(cut.remaining(), candidates) > SHARE * rise;
  }

  /** A model's loss rose by what the median did and its distance from it. */
  private boolean isEverybodys(Cut cut, List<ModelId> candidates) {
    double rise = cut.after() - cut.before();
    return rise >= LEAST_RISE && rise + commonRise(cut.remaining(), candidates) > SHARE * rise;
  }

  private double commonRise(long newest, List<ModelId> candidates) {
    return middle(
        streams.stream().filter(stream -> candidates.contains(stream.model())).mapToDouble(stream -> stream.rise(newest)).toArray());
  }

  private static double middle(double[] values) {
    double[] sorted = values.clone();
    Arrays.sort(sorted);
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  private static int indexOf(List<Stream> streams, ModelId model) {
    for (int i = 0; i < streams.size(); i++) {
      if (streams.get(i).model().equals(model)) {
        return i;
      }
    }
    return -1;
  }

  /** The stream of a model; empty before its first label. */
  Optional<Adwin> of(ModelId model) {
    return streams.stream().filter(stream -> stream.model().equals(model)).map(Stream::adwin).findFirst();
  }
}
