package io.clipper.replica;

import io.clipper.model.Input;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Inputs that copies of a model were lost over, and that may be why. Of a batch any row may be; so each goes alone the next time, and one
 * that a copy is lost over again is not tried any more. An answer clears it, and so does time: two copies may end at the same input by
 * chance.
 *
 * <p>A copy that hangs is lost long after whoever asked it has given up. Over what it had then it is lost as well, unless it has answered
 * anything since.
 */
final class Suspects {
  /** Deaths after which an input is not tried again. */
  private static final int MOST_DEATHS = 2;
  /** Long enough for whoever sends a killing input to be looked for, short enough for one that was taken for it by chance. */
  static final Duration MEMORY = Duration.ofMinutes(10);
  /** Some batches of a thousand rows. */
  private static final int MOST_INPUTS = 4096;
  /** As much as the largest request four times. */
  private static final long MOST_BYTES = 64L << 20;

  private record Suspect(int deaths, long atNanos) {}

  /** What one copy was given and did not return. */
  private static final class Unreturned {
    private final List<Input> inputs = new ArrayList<>();
    private long bytes;
  }

  /** The longest unsuspected first. */
  private final Map<Input, Suspect> suspects = new LinkedHashMap<>();
  private long bytes;
  private final Map<Object, Unreturned> unreturned = new HashMap<>();

  /** A copy had that input first of all that it does not return; as many of them as fit are remembered. */
  void unreturned(Object copy, Input input) {
    Unreturned kept = unreturned.computeIfAbsent(copy, first -> new Unreturned());
    if (kept.inputs.size() < MOST_INPUTS && kept.bytes + input.sizeInBytes() <= MOST_BYTES) {
      kept.inputs.add(input);
      kept.bytes += input.sizeInBytes();
    }
  }

  /** It has answered, or only its node is out of reach: it does not hang. */
  void spared(Object copy) {
    if (!unreturned.isEmpty()) {
      unreturned.remove(copy);
    }
  }

  /** It was lost. */
  void lostCopy(Object copy, long nowNanos) {
    Unreturned kept = unreturned.remove(copy);
    if (kept != null) {
      kept.inputs.forEach(input -> lost(input, nowNanos));
    }
  }

  /** A copy was lost while it had that input. */
  void lost(Input input, long nowNanos) {
    int before = deaths(input, nowNanos);
    remove(input);
    suspects.put(input, new Suspect(before + 1, nowNanos));
    bytes += input.sizeInBytes();
    while (suspects.size() > 1 && (suspects.size() > MOST_INPUTS || bytes > MOST_BYTES)) {
      remove(suspects.keySet().iterator().next());
    }
  }

  /** A copy had that input, and lives. */
  void cleared(Input input) {
    if (!suspects.isEmpty()) {
      remove(input);
    }
  }

  /** Whether it goes alone. */
  boolean isSuspect(Input input, long nowNanos) {
    return deaths(input, nowNanos) > 0;
  }

  /** Whether it is not tried again. */
  boolean isConvicted(Input input, long nowNanos) {
    return deaths(input, nowNanos) >= MOST_DEATHS;
  }

  private int deaths(Input input, long nowNanos) {
    Suspect suspect = suspects.isEmpty() ? null : suspects.get(input);
    return suspect == null || nowNanos - suspect.atNanos() > MEMORY.toNanos() ? 0 : suspect.deaths();
  }

  private void remove(Input input) {
    if (suspects.remove(input) != null) {
      bytes -= input.sizeInBytes();
    }
  }
}
