package io.clipper.application;

import io.clipper.selection.Learner;
import java.util.Optional;
import java.util.function.Consumer;

/** What the queries of a loop ask of its contexts. */
interface KnownContexts {
  /** Whether waiting for that context's row would teach a query anything. */
  boolean isWorthWaiting(String context);

  /** Goes on with whether the row is here, by that time on the node's clock. */
  ContextDesk.Waiting await(String wanted, long untilNanos, Consumer<Boolean> then);

  void cancel(ContextDesk.Waiting one);

  /** The context's own, else one that starts from what the application knows. */
  Learner learnerFor(Optional<String> context);

  OfContext known(Optional<String> context);
}
