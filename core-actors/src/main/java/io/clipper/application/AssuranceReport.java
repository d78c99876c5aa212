package io.clipper.application;

import io.clipper.application.LearnedState.Assured;
import io.clipper.certainty.Conformal;
import io.clipper.certainty.Reached;
import io.clipper.change.Changed;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/** What a loop has seen of its ledger's {@link Assurance}: which changes are news, and how many of its queries got a label. */
final class AssuranceReport {
  private boolean started;
  private long noticed;
  private long labelsBefore;
  private long queriesBefore;

  /** The changes that came since the last time. Those that were there when the loop began are none. */
  List<Changed> news(Assurance now, long queries) {
    if (!started) {
      started = true;
      noticed = now.noticed();
      labelsBefore = now.labels();
      queriesBefore = queries;
    }
    int fresh = Math.clamp(now.noticed() - noticed, 0, now.changes().size());
    noticed = now.noticed();
    return now.changes().subList(now.changes().size() - fresh, now.changes().size());
  }

  Assured of(Assurance now, long queries) {
    Optional<Conformal> conformal = now.certainty().conformal();
    Reached reached = conformal.map(Conformal::reached).orElse(Reached.NONE);
    return new Assured(
        now.certainty().settings().coverage().map(OptionalDouble::of).orElseGet(OptionalDouble::empty),
        reached.coverage(),
        reached.least(),
        reached.most(),
        reached.meanSize(),
        reached.unbounded(),
        now.labels(),
        labelled(now, queries));
  }

  private OptionalDouble labelled(Assurance now, long queries) {
    long asked = queries - queriesBefore;
    return asked > 0 && started ? OptionalDouble.of(Math.clamp((double) (now.labels() - labelsBefore) / asked, 0, 1)) : OptionalDouble.empty();
  }
}
