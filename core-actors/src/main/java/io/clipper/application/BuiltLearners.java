package io.clipper.application;

import io.clipper.context.ContextRow;
import io.clipper.selection.Learner;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiFunction;

/**
 * The learners that the queries of contexts go by. Each is built once and kept for as long as what it is built of stays what it was: of a
 * context with a row that row, the application's policy and its candidates; of all without a row what the application has learned, and one
 * learner serves them all. Only its loop calls it.
 */
final class BuiltLearners {
  /** A learner that is kept costs little, since it shares nearly all with its row; but it keeps a row that memory may have let go. */
  static final int MOST = 1_000;

  private record Built(ContextRow row, Learner learner) {}

  private final BiFunction<Ledger, Optional<ContextRow>, Learner> build;
  private final Map<String, Built> built = new LinkedHashMap<>(16, 0.75f, true);
  private Ledger of = Ledger.start();
  private Optional<Learner> withoutRow = Optional.empty();

  /** @param build makes a learner of what the application knows and of a context's row */
  BuiltLearners(BiFunction<Ledger, Optional<ContextRow>, Learner> build) {
    this.build = build;
  }

  @SuppressWarnings("ReferenceEquality") // a row is a value that is replaced as a whole: the same object has the same learner
  Learner of(Ledger ledger, Optional<ContextRow> row) {
    follow(ledger);
    if (row.isEmpty()) {
      Learner prior = withoutRow.orElseGet(() -> build.apply(ledger, row));
      withoutRow = Optional.of(prior);
      return prior;
    }
    String context = row.get().context();
    Built known = built.get(context);
    if (known != null && known.row() == row.get()) {
      return known.learner();
    }
    Learner learner = build.apply(ledger, row);
    built.put(context, new Built(row.get(), learner));
    if (built.size() > MOST) {
      built.remove(built.keySet().iterator().next());
    }
    return learner;
  }

  /** Lets go of what is not true of that ledger any more. */
  @SuppressWarnings("ReferenceEquality") // a ledger's parts are values too, and most queries meet the very ones that the last one met
  private void follow(Ledger ledger) {
    if (ledger == of) {
      return;
    }
    if (ledger.learner() != of.learner()) {
      withoutRow = Optional.empty();
    }
    boolean isAlike =
        ledger.learner().settings().equals(of.learner().settings())
            && ledger.lineup().equals(of.lineup())
            && ledger.contextLessons().forgotten().equals(of.contextLessons().forgotten());
    if (!isAlike) {
      built.clear();
    }
    of = ledger;
  }
}
