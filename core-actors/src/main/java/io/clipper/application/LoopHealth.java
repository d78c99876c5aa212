package io.clipper.application;

import io.clipper.Lead;
import java.util.OptionalLong;

/**
 * Whether a loop on another node answers. After a few queries in a row that it left without an answer it is taken for gone, and only tried
 * from time to time, until it answers again: so the loss of a node costs a few defaults, not all until the cluster has noticed.
 */
final class LoopHealth {
  private static final int SILENCES = 3;
  private static final long TRIAL_NANOS = 100_000_000;

  private final Lead wayThereAndBack = Lead.ofWayThereAndBack();
  private int silences;
  private long nextTrial;

  /** What it is told, so that its answer is here by that deadline; it knows the time that is left when it hears of it, and not what was lost on the way. */
  long answerBy(long deadlineNanos, long nowNanos) {
    return wayThereAndBack.before(deadlineNanos, nowNanos);
  }

  void answered(long tookNanos, OptionalLong heldNanos) {
    answered();
    heldNanos.ifPresent(held -> wayThereAndBack.took(tookNanos - held));
  }

  /** Whether it is not taken for gone. */
  synchronized boolean answers() {
    return silences < SILENCES;
  }

  /** Whether one that is taken for gone is to be tried now; whoever is told so tries it. */
  synchronized boolean isTrialDue(long now) {
    boolean due = now - nextTrial >= 0;
    if (due) {
      nextTrial = now + TRIAL_NANOS;
    }
    return due;
  }

  synchronized void answered() {
    silences = 0;
  }

  synchronized void silent(long now) {
    silences++;
    nextTrial = now + TRIAL_NANOS;
  }
}
