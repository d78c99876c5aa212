package io.clipper.application;

import com.fasterxml.jackson.annotation.JsonInclude;
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
 * @param names whom the names of the application and of its versions mean
 * @param assurance what labels taught besides, where the application has asked for any of it
 */
public record Ledger(
    Learner learner,
    LedgerEvent.Admitted lineup,
    ContextLearners contexts,
    long idsBelow,
    JudgedIds judged,
    List<String> feedbackIds,
    Optional<Incarnations> names,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Assurance> assurance)
    implements JournalEvent {
  /** A client that retries does so within a few thousand others' requests. */
  private static final int FEEDBACK_IDS = 4096;

  public Ledger {
    feedbackIds = List.copyOf(feedbackIds);
  }

  /** Nothing learned. The policy is the simplest there is until an event names the application's own. */
  static Ledger start() {
    LedgerEvent.Admitted nobody = new LedgerEvent.Admitted(List.of(), List.of());
    return new Ledger(untaught(), nobody, ContextLearners.NONE, 0, JudgedIds.NONE, List.of(), Optional.empty(), Optional.empty());
  }

  private static Learner untaught() {
    return Learner.start(new PolicySettings("single", Map.of()));
  }

  /** Whom the names mean that are used here. */
  Incarnations incarnations() {
    return names.orElse(Incarnations.NONE);
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
              learner.admit(admitted.candidates(), predecessors(admitted)),
              admitted,
              contexts,
              idsBelow,
              judged,
              feedbackIds,
              names,
              assurance.map(known -> known.among(admitted.candidates())));
      case LedgerEvent.PolicyChanged changed ->
          new Ledger(learner.withPolicy(changed.settings()), lineup, contexts, idsBelow, judged, feedbackIds, names, assurance);
      case LedgerEvent.CertaintyChanged changed ->
          new Ledger(learner, lineup, contexts, idsBelow, judged, feedbackIds, names, Optional.of(assured(changed)));
      case LedgerEvent.IdsReserved reserved ->
          new Ledger(learner, lineup, contexts, reserved.below(), judged, feedbackIds, names, assurance);
      case LedgerEvent.Named named -> afterNames(named);
    };
  }

  private Assurance assured(LedgerEvent.CertaintyChanged changed) {
    return assurance
        .map(known -> known.with(changed.combiner(), changed.certainty()))
        .orElseGet(() -> Assurance.start(changed.combiner(), changed.certainty()));
  }

  /** Ids that were given and queries that were judged stay so, whoever it was. */
  private Ledger afterNames(LedgerEvent.Named named) {
    Incarnations before = incarnations();
    if (before.isAnother(named.application())) {
      Incarnations now = new Incarnations(named.application(), named.firstCounter(), named.versions());
      LedgerEvent.Admitted nobody = new LedgerEvent.Admitted(List.of(), List.of());
      return new Ledger(untaught(), nobody, ContextLearners.NONE, idsBelow, judged, feedbackIds, Optional.of(now), Optional.empty());
    }
    List<ModelId> gone = named.versions().stream().filter(before::isAnother).map(LedgerEvent.Incarnation::model).toList();
    Incarnations now = new Incarnations(named.application(), before.firstCounter(), before.versions()).with(named.versions());
    List<ModelId> rest = lineup.candidates().stream().filter(candidate -> !gone.contains(candidate)).toList();
    return new Ledger(
        without(learner, gone),
        gone.isEmpty() ? lineup : new LedgerEvent.Admitted(rest, lineup.successions()),
        contexts.without(gone),
        idsBelow,
        judged,
        feedbackIds,
        Optional.of(now),
        gone.isEmpty() ? assurance : assurance.map(known -> known.among(rest)));
  }

  private static Learner without(Learner learner, List<ModelId> gone) {
    Learner rest = learner;
    for (ModelId model : gone) {
      rest = rest.forget(model);
    }
    return rest;
  }

  private Ledger afterLessons(List<Lesson> lessons) {
    Learner nextLearner = learner;
    ContextLearners nextContexts = contexts;
    Optional<Assurance> nextAssurance = assurance;
    List<Long> counters = new ArrayList<>(lessons.size());
    List<String> nextIds = new ArrayList<>(feedbackIds);
    for (Lesson lesson : lessons) {
      if (lesson.context().isPresent()) {
        String context = lesson.context().get();
        Learner own = contextLearner(nextContexts, nextLearner, context);
        nextContexts = nextContexts.with(context, own.observe(lesson.observation()));
      }
      nextLearner = nextLearner.observe(lesson.observation());
      if (lesson.taught().isPresent() && nextAssurance.isPresent()) {
        Assurance.Next next = nextAssurance.get().after(lesson.taught().get(), lesson.observation());
        nextAssurance = Optional.of(next.assurance());
        for (ModelId worsened : next.worsened()) {
          nextLearner = nextLearner.damped(worsened, lineup.candidates());
        }
      }
      counters.add(lesson.queryId() / QueryIds.PARTITIONS);
      lesson.feedbackId().ifPresent(nextIds::add);
    }
    int excess = Math.max(0, nextIds.size() - FEEDBACK_IDS);
    List<String> latestIds = nextIds.subList(excess, nextIds.size());
    return new Ledger(nextLearner, lineup, nextContexts, idsBelow, judged.with(counters), latestIds, names, nextAssurance);
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
