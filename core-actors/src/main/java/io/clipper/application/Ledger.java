package io.clipper.application;

import io.clipper.model.ModelId;
import io.clipper.selection.Learner;
import io.clipper.selection.PolicySettings;
import io.clipper.storage.JournalEvent;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * All that a partition has learned: an immutable value, and what each event makes of it.
 *
 * @param learner the application's own
 * @param lineup the candidates there are, and whom each follows
 * @param contexts those of its contexts
 * @param idsBelow counters below it may have been given
 * @param feedbackIds the latest that clients named, oldest first
 */
public record Ledger(
    Learner learner, LedgerEvent.Admitted lineup, ContextLearners contexts, long idsBelow, JudgedIds judged, List<String> feedbackIds)
    implements JournalEvent {
  /** A client that retries does so within a few thousand others' requests. */
  private static final int FEEDBACK_IDS = 4096;

  public Ledger {
    feedbackIds = List.copyOf(feedbackIds);
  }

  /** Nothing learned. The policy is the simplest there is until an event names the application's own. */
  static Ledger start() {
    Learner learner = Learner.start(new PolicySettings("single", Map.of()));
    return new Ledger(learner, new LedgerEvent.Admitted(List.of(), List.of()), ContextLearners.NONE, 0, JudgedIds.NONE, List.of());
  }

  /** The learner for a query: the context's own, else one that starts from what the application knows. */
  Learner learnerFor(Optional<String> context) {
    return context.map(name -> contextLearner(contexts, learner, name)).orElse(learner);
  }

  /** Whether a lesson would be the second about the same. */
  boolean knows(Lesson lesson) {
    return judged.contains(lesson.queryId() / QueryIds.PARTITIONS) || lesson.feedbackId().filter(feedbackIds::contains).isPresent();
  }

  Ledger after(LedgerEvent event) {
    return switch (event) {
      case LedgerEvent.Learned learned -> afterLessons(learned.lessons());
      case LedgerEvent.Admitted admitted ->
          new Ledger(
              learner.admit(admitted.candidates(), predecessors(admitted)), admitted, contexts, idsBelow, judged, feedbackIds);
      case LedgerEvent.PolicyChanged changed ->
          new Ledger(learner.withPolicy(changed.settings()), lineup, contexts, idsBelow, judged, feedbackIds);
      case LedgerEvent.IdsReserved reserved -> new Ledger(learner, lineup, contexts, reserved.below(), judged, feedbackIds);
    };
  }

  private Ledger afterLessons(List<Lesson> lessons) {
    Learner nextLearner = learner;
    ContextLearners nextContexts = contexts;
    List<Long> counters = new ArrayList<>(lessons.size());
    List<String> nextIds = new ArrayList<>(feedbackIds);
    for (Lesson lesson : lessons) {
      if (lesson.context().isPresent()) {
        String context = lesson.context().get();
        Learner own = contextLearner(nextContexts, nextLearner, context);
        nextContexts = nextContexts.with(context, own.observe(lesson.observation()));
      }
      nextLearner = nextLearner.observe(lesson.observation());
      counters.add(lesson.queryId() / QueryIds.PARTITIONS);
      lesson.feedbackId().ifPresent(nextIds::add);
    }
    int excess = Math.max(0, nextIds.size() - FEEDBACK_IDS);
    return new Ledger(nextLearner, lineup, nextContexts, idsBelow, judged.with(counters), nextIds.subList(excess, nextIds.size()));
  }

  /** A context that has learned before follows the application's policy and candidates of today. */
  private Learner contextLearner(ContextLearners known, Learner general, String context) {
    Optional<Learner> own = known.of(context);
    return own.isEmpty()
        ? general.contextLearner()
        : own.get().withPolicy(general.settings()).admit(lineup.candidates(), predecessors(lineup));
  }

  private static Map<ModelId, ModelId> predecessors(LedgerEvent.Admitted admitted) {
    Map<ModelId, ModelId> predecessors = new HashMap<>();
    admitted.successions().forEach(succession -> predecessors.put(succession.version(), succession.predecessor()));
    return predecessors;
  }
}
