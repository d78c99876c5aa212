package io.clipper.batch;

import java.util.List;
import java.util.OptionalLong;

/** What a replica does next. */
public sealed interface Step<K, V> {
  /** Sends these rows as one batch, and asks for the next step. */
  record Send<K, V>(List<DeadlineQueue.Entry<K, V>> rows) implements Step<K, V> {}

  /**
   * Tells whoever asked for that row that it cannot be met, and asks for the next step.
   *
   * @param tooMany whether it gives way to others, rather than being late by itself
   */
  record Drop<K, V>(DeadlineQueue.Entry<K, V> row, boolean tooMany) implements Step<K, V> {}

  /** Asks again at that moment, where there is one, or when something happens. */
  record Rest<K, V>(OptionalLong untilNanos) implements Step<K, V> {}
}
