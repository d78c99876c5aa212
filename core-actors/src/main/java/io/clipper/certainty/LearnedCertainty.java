package io.clipper.certainty;

import io.clipper.catalog.CertaintySettings;
import java.util.Optional;
import java.util.OptionalDouble;

/** What an application's labels have taught of how sure its answers are: an immutable value. */
public record LearnedCertainty(CertaintySettings settings, Optional<Conformal> conformal, Optional<Calibration> calibration) {
  public static LearnedCertainty start(CertaintySettings settings) {
    return new LearnedCertainty(settings, settings.coverage().map(share -> Conformal.start(1 - share)), started(settings));
  }

  private static Optional<Calibration> started(CertaintySettings settings) {
    return settings.calibration().equals("none")
        ? Optional.empty()
        : Optional.of(Calibration.start(settings.calibration().equals("platt")));
  }

  /** What did not change goes on; another coverage or another way of calibrating starts. */
  public LearnedCertainty with(CertaintySettings next) {
    LearnedCertainty fresh = start(next);
    return new LearnedCertainty(
        next,
        next.coverage().equals(settings.coverage()) ? conformal : fresh.conformal,
        next.calibration().equals(settings.calibration()) ? calibration : fresh.calibration);
  }

  /** Whether labels teach it anything. */
  public boolean learns() {
    return conformal.isPresent() || calibration.isPresent();
  }

  /**
   * What an answer can promise.
   *
   * @param confidence of the answer, before it is calibrated
   * @param answer its label
   * @param own of the query's context
   */
  public Promise promise(Basis basis, OptionalDouble confidence, Optional<String> answer, Optional<QuantileTracker> own) {
    boolean calibrated = conformal.isPresent() && conformal.get().calibrated();
    double general = conformal.map(Conformal::threshold).orElse(Double.POSITIVE_INFINITY);
    Optional<QuantileTracker> ready = own.filter(tracker -> calibrated && tracker.calibrated(miss()));
    OptionalDouble ownThreshold = ready.isPresent() ? OptionalDouble.of(ready.get().threshold()) : OptionalDouble.empty();
    long labels = conformal.map(Conformal::labels).orElse(0L);
    return new Promise(basis, general, ownThreshold, calibrated, labels, confidence, answer);
  }

  /** How often an answer of such a confidence is right, as far as is known. */
  public OptionalDouble calibrated(OptionalDouble confidence) {
    return calibration.isPresent() && confidence.isPresent()
        ? OptionalDouble.of(calibration.get().of(confidence.getAsDouble()))
        : confidence;
  }

  public LearnedCertainty observe(Promise promise, String label) {
    OptionalDouble score = promise.basis().score(label);
    Optional<Conformal> next =
        conformal.map(
            before ->
                score.isEmpty()
                    ? before
                    : before.after(
                        score.getAsDouble(),
                        promise.general(),
                        promise.calibrated(),
                        Math.max(0, before.labels() - promise.labels()),
                        promise.basis().size(promise.general())));
    return new LearnedCertainty(settings, next, calibration.map(before -> calibrated(before, promise, label)));
  }

  /** The same label for the query's context. */
  public QuantileTracker observe(Optional<QuantileTracker> own, Promise promise, String label) {
    QuantileTracker before = own.orElse(QuantileTracker.NONE);
    OptionalDouble score = promise.basis().score(label);
    return score.isEmpty() || conformal.isEmpty()
        ? before
        : before.after(score.getAsDouble(), promise.general(), promise.own(), miss());
  }

  private double miss() {
    return conformal.map(Conformal::miss).orElse(1.0);
  }

  private static Calibration calibrated(Calibration before, Promise promise, String label) {
    return promise.confidence().isPresent() && promise.answer().isPresent()
        ? before.after(promise.confidence().getAsDouble(), promise.answer().get().equals(label))
        : before;
  }
}
