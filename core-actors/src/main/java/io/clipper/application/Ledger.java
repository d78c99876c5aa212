package io.clipper.application;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.clipper.application.ContextLessons.Forgotten;
import io.clipper.context.ContextRow;
import io.clipper.model.ModelId;
import io.clipper.selection.Contribution;
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
 * @param contexts as they were before contexts had rows, until they are in rows; then empty
 * @param idsBelow counters below it may have been given
 * @param feedbackIds the latest that clients named, oldest first
 * @param names whom the names of the application and of its versions mean
 * @param assurance what labels taught besides, where the application has asked for any of it
 * @param unwritten what contexts' lessons may be in no row yet; empty before the first
 * @param own what was learned here and nowhere else, where there are other partitions to tell it to
 */
public record Ledger(
    Learner learner,
    LedgerEvent.Admitted lineup,
    ContextLearners contexts,
    long idsBelow,
    JudgedIds judged,
    List<String> feedbackIds,
    Optional<Incarnations> names,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Assurance> assurance,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<ContextLessons> unwritten,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Contribution> own)
    implements JournalEvent {
  /** A client that retries does so within a few thousand others' requests. */
  private static final int FEEDBACK_IDS = 4096;

  public Ledger {
    feedbackIds = List.copyOf(feedbackIds);
  }

  /** Nothing learned. The policy is the simplest there is until an event names the application's own. */
  static Ledger start() {
    LedgerEvent.Admitted nobody = new LedgerEvent.Admitted(List.of(), List.of());
    return new Ledger(
        untaught(), nobody, ContextLearners.NONE, 0, JudgedIds.NONE, List.of(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
  }

  /** The same of a partition that has others to tell. */
  static Ledger startSpread() {
    return start().telling(Contribution.start(untaught().settings()));
  }

  private static Learner untaught() {
    return Learner.start(new PolicySettings("single", Map.of()));
  }

  /** Whom the names mean that are used here. */
  Incarnations incarnations() {
    return names.orElse(Incarnations.NONE);
  }

  /** The lessons that may be in no row yet. */
  ContextLessons contextLessons() {
    return unwritten.orElse(ContextLessons.NONE);
  }

  /** A context's learner of today, by its row: it follows the application's policy and candidates. Without a row it starts from what the application knows. */
  Learner learnerOf(Optional<ContextRow> row) {
    if (row.isEmpty()) {
      return learner.contextLearner();
    }
    Learner own = row.get().learned().learner();
    for (Forgotten one : contextLessons().forgotten()) {
      if (row.get().number() <= one.upTo() && own.standing(one.model()).isPresent()) {
        own = own.forget(one.model());
      }
    }
    return own.withPolicy(learner.settings()).admit(lineup.candidates(), predecessors(lineup));
  }

  /** Whether a lesson would be the second about the same. */
  boolean knows(Lesson lesson) {
    return judged.contains(lesson.queryId() / QueryIds.PARTITIONS) || lesson.feedbackId().filter(feedbackIds::contains).isPresent();
  }

  /**
   * Whether both select and combine alike: where nothing was learned, what they go by is the same object. What a partition heard from
   * others it has not learned.
   */
  @SuppressWarnings("ReferenceEquality")
  boolean hasLearnedAsMuchAs(Ledger other) {
    boolean bothTell = own.isPresent() && other.own.isPresent();
    boolean asMuch = bothTell ? own.get() == other.own.get() : own.equals(other.own) && learner == other.learner;
    return asMuch && lineup == other.lineup && names.equals(other.names) && assurance.equals(other.assurance);
  }

  /**
   * Whether all that the other tells of a partition is known here: what it learned there, or under an earlier incarnation of its name. Of
   * two that learned as much the later has reserved more ids, as each start does; where nobody counts what was learned, that is all there
   * is to tell an earlier start's by.
   */
  boolean contains(Ledger other) {
    if (own.isPresent() != other.own.isPresent()) {
      return false;
    }
    long mine = incarnations().application();
    long theirs = other.incarnations().application();
    if (mine != theirs) {
      return mine > theirs;
    }
    if (own.isEmpty() || other.own.isEmpty()) {
      return idsBelow > other.idsBelow;
    }
    long since = own.get().revision() - other.own.get().revision();
    return since > 0 || (since == 0 && idsBelow >= other.idsBelow);
  }

  /** What it is to select and combine by, without what was counted to get there. */
  Ledger withoutHistory() {
    return new Ledger(learner, lineup, ContextLearners.NONE, idsBelow, JudgedIds.NONE, List.of(), names, assurance, Optional.empty(), own);
  }

  /** To choose by that learner. */
  Ledger with(Learner inUse) {
    return new Ledger(inUse, lineup, contexts, idsBelow, judged, feedbackIds, names, assurance, unwritten, own);
  }

  private Ledger telling(Contribution contribution) {
    return new Ledger(learner, lineup, contexts, idsBelow, judged, feedbackIds, names, assurance, unwritten, Optional.of(contribution));
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
              assurance.map(known -> known.among(admitted.candidates())),
              unwritten,
              own.map(known -> known.admit(admitted.candidates())));
      case LedgerEvent.PolicyChanged changed ->
          new Ledger(
              learner.withPolicy(changed.settings()),
              lineup,
              contexts,
              idsBelow,
              judged,
              feedbackIds,
              names,
              assurance,
              unwritten,
              own.map(known -> known.withPolicy(changed.settings())));
      case LedgerEvent.CertaintyChanged changed ->
          new Ledger(learner, lineup, contexts, idsBelow, judged, feedbackIds, names, Optional.of(assured(changed)), unwritten, own);
      case LedgerEvent.IdsReserved reserved ->
          new Ledger(learner, lineup, contexts, reserved.below(), judged, feedbackIds, names, assurance, unwritten, own);
      case LedgerEvent.Named named -> afterNames(named);
      case LedgerEvent.ContextsWritten written ->
          new Ledger(
              learner,
              lineup,
              ContextLearners.NONE,
              idsBelow,
              judged,
              feedbackIds,
              names,
              assurance,
              unwritten.map(lessons -> lessons.written(written.upTo())),
              own);
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
    Incarnations now = before.after(named);
    if (before.isAnother(named.application())) {
      LedgerEvent.Admitted nobody = new LedgerEvent.Admitted(List.of(), List.of());
      Optional<ContextLessons> none = unwritten.map(ContextLessons::ofAnother);
      Optional<Contribution> nothing = own.map(known -> Contribution.start(untaught().settings()));
      return new Ledger(untaught(), nobody, ContextLearners.NONE, idsBelow, judged, feedbackIds, Optional.of(now), Optional.empty(), none, nothing);
    }
    List<ModelId> gone = named.versions().stream().filter(before::isAnother).map(LedgerEvent.Incarnation::model).toList();
    List<ModelId> rest = lineup.candidates().stream().filter(candidate -> !gone.contains(candidate)).toList();
    return new Ledger(
        without(learner, gone),
        gone.isEmpty() ? lineup : new LedgerEvent.Admitted(rest, lineup.successions()),
        contexts.without(gone),
        idsBelow,
        judged,
        feedbackIds,
        Optional.of(now),
        gone.isEmpty() ? assurance : assurance.map(known -> known.among(rest)),
        gone.isEmpty() ? unwritten : Optional.of(contextLessons().without(gone)),
        own.map(known -> without(known, gone)));
  }

  private static Contribution without(Contribution own, List<ModelId> gone) {
    Contribution rest = own;
    for (ModelId model : gone) {
      rest = rest.forget(model);
    }
    return rest;
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
    Optional<Contribution> nextOwn = own;
    Optional<Assurance> nextAssurance = assurance;
    List<Long> counters = new ArrayList<>(lessons.size());
    List<String> nextIds = new ArrayList<>(feedbackIds);
    for (Lesson lesson : lessons) {
      nextLearner = nextLearner.observe(lesson.observation());
      nextOwn = nextOwn.map(known -> known.observe(lesson.observation()));
      if (lesson.taught().isPresent() && nextAssurance.isPresent()) {
        Assurance.Next next = nextAssurance.get().after(lesson.taught().get(), lesson.observation());
        nextAssurance = Optional.of(next.assurance());
        for (ModelId worsened : next.worsened()) {
          nextLearner = nextLearner.damped(worsened, lineup.candidates());
          nextOwn = nextOwn.map(known -> known.forget(worsened).admit(lineup.candidates()));
        }
      }
      counters.add(lesson.queryId() / QueryIds.PARTITIONS);
      lesson.feedbackId().ifPresent(nextIds::add);
    }
    int excess = Math.max(0, nextIds.size() - FEEDBACK_IDS);
    List<String> latestIds = nextIds.subList(excess, nextIds.size());
    ContextLessons nextLessons = contextLessons().with(lessons);
    return new Ledger(
        nextLearner,
        lineup,
        contexts,
        idsBelow,
        judged.with(counters),
        latestIds,
        names,
        nextAssurance,
        nextLessons.equals(ContextLessons.NONE) ? Optional.empty() : Optional.of(nextLessons),
        nextOwn);
  }

  private static Map<ModelId, ModelId> predecessors(LedgerEvent.Admitted admitted) {
    Map<ModelId, ModelId> predecessors = new HashMap<>();
    admitted.successions().forEach(succession -> predecessors.put(succession.version(), succession.predecessor()));
    return predecessors;
  }
}
