package io.clipper.application;

import io.clipper.application.HeardLedgers.Heard;
import io.clipper.application.LearnedState.PartitionState;
import io.clipper.application.LedgerEvent.Incarnation;
import io.clipper.model.ModelId;
import io.clipper.selection.Contribution;
import io.clipper.selection.Partition;
import io.clipper.selection.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * What one partition's loop chooses by: what its ledger holds, and what the application's other partitions told last. What they tell is
 * kept nowhere but here; after a restart they are heard again. Only its loop calls it.
 */
final class SharedLearning implements UnaryOperator<Ledger> {
  private final int number;
  private final String node;
  private final SortedMap<Integer, Heard> heard = new TreeMap<>();
  private Optional<Partition> partition = Optional.empty();
  private Incarnations names = Incarnations.NONE;

  /**
   * @param number this partition's
   * @param node where it runs
   */
  SharedLearning(int number, String node) {
    this.number = number;
    this.node = node;
  }

  /** The ledger with what others learned in its learner; its own contribution stays its own. */
  @Override
  public Ledger apply(Ledger durable) {
    if (durable.own().isEmpty()) {
      return durable;
    }
    Contribution own = durable.own().get();
    List<ModelId> candidates = durable.lineup().candidates();
    if (partition.isEmpty() || !durable.incarnations().equals(names)) {
      names = durable.incarnations();
      partition = Optional.of(Partition.start(durable.learner(), own, candidates));
      heard.forEach(this::takeIn);
    } else {
      partition = partition.map(before -> before.follow(durable.learner(), own, candidates));
    }
    return durable.with(partition.orElseThrow().inUse());
  }

  /** Whether that is news. */
  boolean hear(int of, Heard told) {
    Heard before = heard.get(of);
    if (of == number || (before != null && before.ledger().contains(told.ledger()))) {
      return false;
    }
    heard.put(of, told);
    takeIn(of, told);
    return true;
  }

  /** All that are known, this one included; none where the application has but one. */
  List<PartitionState> partitions(Ledger ledger) {
    if (ledger.own().isEmpty()) {
      return List.of();
    }
    SortedMap<Integer, PartitionState> all = new TreeMap<>();
    heard.forEach((other, told) -> all.put(other, PartitionState.of(other, told.node(), told.ledger().own())));
    all.put(number, PartitionState.of(number, node, ledger.own()));
    return List.copyOf(all.values());
  }

  private void takeIn(int of, Heard told) {
    meantHere(told.ledger()).ifPresent(contribution -> partition = partition.map(before -> before.hear(of, contribution)));
  }

  /** A name that means another here than there is not about the same: of those nothing is taken. */
  private Optional<Contribution> meantHere(Ledger told) {
    Incarnations theirs = told.incarnations();
    if (told.own().isEmpty() || theirs.application() != names.application()) {
      return Optional.empty();
    }
    List<ModelId> meant = new ArrayList<>();
    for (Standing standing : told.own().get().learner().standings()) {
      ModelId model = standing.model();
      if (theirs.of(model).map(Incarnation::number).equals(names.of(model).map(Incarnation::number))) {
        meant.add(model);
      }
    }
    return Optional.of(told.own().get().of(meant));
  }
}
