package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A policy's learning in one of an application's partitions: its own apart from what it last heard of each other one, so that hearing twice,
 * late or out of order changes nothing. An immutable value.
 *
 * @param believed what it started from, which is nobody's observation and counts once however many partitions there are
 * @param own what its own observations taught
 * @param heard of each other partition, the latest
 * @param inUse what it chooses by
 */
public record Partition<S extends PolicyState>(
    SelectionPolicy<S> policy, S believed, PolicyState own, long revision, Map<Integer, Told> heard, S inUse) {

  public static <S extends PolicyState> Partition<S> start(SelectionPolicy<S> policy) {
    PolicyState own =
        switch (policy.sharing()) {
          case Sharing.Folded<S> folded -> policy.start();
          case Sharing.Exchanged<S> exchanged -> LossSums.NONE;
          case Sharing.Apart<S> apart -> policy.start();
        };
    return new Partition<>(policy, policy.start(), own, 0, new TreeMap<>(), policy.start());
  }

  /** With candidates in it that it does not know. */
  public Partition<S> admit(List<ModelId> peers, List<Prior> newcomers) {
    List<Prior> unjudged = newcomers.stream().map(prior -> new Prior(prior.model(), 0, 0, 0)).toList();
    S nextBelieved = policy.admit(believed, peers, newcomers);
    PolicyState nextOwn = own instanceof LossSums sums ? sums.admit(unjudged) : policy.admit(learned(own), peers, unjudged);
    return with(nextBelieved, nextOwn, revision, heard, policy.admit(inUse, peers, newcomers));
  }

  public Partition<S> observe(Observation observation) {
    PolicyState nextOwn = own instanceof LossSums sums ? sums.observe(observation) : policy.observe(learned(own), observation);
    return with(believed, nextOwn, revision + 1, heard, policy.observe(inUse, observation));
  }

  public Told told() {
    return new Told(revision, own);
  }

  /** What was known before is not heard again. */
  public Partition<S> hear(int partition, Told told) {
    Optional<Told> before = Optional.ofNullable(heard.get(partition));
    if (before.filter(known -> known.revision() >= told.revision()).isPresent()) {
      return this;
    }
    SortedMap<Integer, Told> next = new TreeMap<>(heard);
    next.put(partition, told);
    return switch (policy.sharing()) {
      case Sharing.Folded<S> folded -> with(believed, own, revision, next, inUse);
      case Sharing.Exchanged<S> exchanged -> {
        LossSums earlier = before.map(known -> (LossSums) known.contribution()).orElse(LossSums.NONE);
        LossSums lost = ((LossSums) told.contribution()).since(earlier);
        yield with(believed, own, revision, next, exchanged.hearing().after(inUse, lost));
      }
      case Sharing.Apart<S> apart -> this;
    };
  }

  private Partition<S> with(S nextBelieved, PolicyState nextOwn, long nextRevision, Map<Integer, Told> nextHeard, S otherwise) {
    S next =
        switch (policy.sharing()) {
          case Sharing.Folded<S> folded -> {
            S sum = folded.sum().apply(nextBelieved, learned(nextOwn));
            for (Told told : nextHeard.values()) {
              sum = folded.sum().apply(sum, learned(told.contribution()));
            }
            yield sum;
          }
          case Sharing.Exchanged<S> exchanged -> otherwise;
          case Sharing.Apart<S> apart -> otherwise;
        };
    return new Partition<>(policy, nextBelieved, nextOwn, nextRevision, nextHeard, next);
  }

  private S learned(PolicyState contribution) {
    return policy.stateType().cast(contribution);
  }
}
