package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.BinaryOperator;

/**
 * One of an application's partitions: its own learning apart from what it last heard of each other one, so that hearing twice, late or out
 * of order changes nothing. An immutable value.
 *
 * @param learner its own, with what was believed when it started
 * @param own what it has to tell
 * @param candidates those who are compared today
 * @param heard of each other partition, the latest
 * @param inUse what it chooses by
 */
public record Partition(
    Learner learner, Contribution own, List<ModelId> candidates, SortedMap<Integer, Contribution> heard, Learner inUse) {
  public Partition {
    candidates = List.copyOf(candidates);
    heard = Collections.unmodifiableSortedMap(new TreeMap<>(heard));
  }

  /** One that has heard of nobody. */
  public static Partition start(Learner learner, Contribution own, List<ModelId> candidates) {
    return new Partition(learner, own, candidates, new TreeMap<>(), learner);
  }

  /** Its own learning went on. Where losses are exchanged, it takes in what it lost itself as it does what others did. */
  public Partition follow(Learner nextLearner, Contribution nextOwn, List<ModelId> nextCandidates) {
    Partition next = new Partition(nextLearner, nextOwn, nextCandidates, heard, nextLearner);
    return heard.isEmpty() ? next : next.choosing(withoutForgotten(nextOwn), nextOwn.lost().since(own.lost()));
  }

  /** What it chose by, without the models of which less is known than was: those it is to meet as it does newcomers. */
  private Learner withoutForgotten(Contribution nextOwn) {
    Learner rest = inUse;
    for (Standing standing : own.learner().standings()) {
      Optional<Standing> now = nextOwn.learner().standing(standing.model());
      boolean isForgotten = now.map(Standing::observations).orElse(0L) < standing.observations();
      rest = isForgotten ? rest.forget(standing.model()) : rest;
    }
    return rest;
  }

  /** What was known before is not heard again. */
  public Partition hear(int partition, Contribution told) {
    Contribution before = heard.get(partition);
    if (before != null && before.revision() >= told.revision()) {
      return this;
    }
    SortedMap<Integer, Contribution> more = new TreeMap<>(heard);
    more.put(partition, told);
    LossSums lost = told.lost().since(before == null ? LossSums.NONE : before.lost());
    return new Partition(learner, own, candidates, more, inUse).choosing(inUse, lost);
  }

  /**
   * By what it knows.
   *
   * @param before what it chose by
   * @param lost what it had not taken in then
   */
  private Partition choosing(Learner before, LossSums lost) {
    return new Partition(learner, own, candidates, heard, choosing(Policies.of(learner.settings()), before, lost));
  }

  private <S extends PolicyState> Learner choosing(SelectionPolicy<S> policy, Learner before, LossSums lost) {
    List<ModelId> models = models();
    List<Learner> theirs =
        heard.values().stream().filter(other -> other.learner().observations() > 0).map(other -> other.of(models).learner()).toList();
    S known = policy.stateType().cast(learner.state());
    PolicyState state =
        switch (policy.sharing()) {
          case Sharing.Folded<S> folded -> sum(folded.sum(), policy, known, theirs);
          // Whoever is no candidate loses nothing meanwhile, and would gain by it.
          case Sharing.Exchanged<S> exchanged -> exchanged.hearing().after(goingOn(policy, before), lost.of(candidates));
          case Sharing.Apart<S> apart -> known;
        };
    long observations = learner.observations() + theirs.stream().mapToLong(Learner::observations).sum();
    return new Learner(learner.settings(), state, learner.kept(), standings(theirs), observations);
  }

  private static <S extends PolicyState> S sum(BinaryOperator<S> plus, SelectionPolicy<S> policy, S mine, List<Learner> theirs) {
    S sum = mine;
    for (Learner other : theirs) {
      // One that has not followed to this policy yet tells of it when it has.
      if (other.settings().name().equals(policy.name())) {
        sum = plus.apply(sum, policy.stateType().cast(other.state()));
      }
    }
    return sum;
  }

  /** From where the last step led, among today's models; a policy that was not in use then goes on from what is known here. */
  private <S extends PolicyState> S goingOn(SelectionPolicy<S> policy, Learner before) {
    if (!before.settings().name().equals(policy.name())) {
      return policy.stateType().cast(learner.state());
    }
    List<ModelId> models = models();
    Learner known = before;
    for (Standing standing : before.standings()) {
      known = models.contains(standing.model()) ? known : known.forget(standing.model());
    }
    return policy.stateType().cast(known.admit(models, Map.of()).state());
  }

  private List<Standing> standings(List<Learner> theirs) {
    Map<ModelId, Standing> sums = new HashMap<>();
    theirs.forEach(other -> other.standings().forEach(one -> sums.merge(one.model(), one, Standing::plus)));
    return learner.standings().stream().map(one -> sums.containsKey(one.model()) ? one.plus(sums.get(one.model())) : one).toList();
  }

  private List<ModelId> models() {
    return learner.standings().stream().map(Standing::model).toList();
  }
}
