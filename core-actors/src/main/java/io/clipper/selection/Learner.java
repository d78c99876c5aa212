package io.clipper.selection;

import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.random.RandomGenerator;

/**
 * What one partition or one context has learned: a policy with its state, the states of policies used before, and each model version's own
 * record. An immutable value; the same observations in the same order give the same bits.
 *
 * @param kept the states of other policies, for the way back
 * @param standings in the order in which the models came
 * @param observations how many taught something
 */
public record Learner(PolicySettings settings, PolicyState state, List<Kept> kept, List<Standing> standings, long observations) {
  /** The most that what is believed of a newcomer is worth, and how much of its own it needs for more than an equal share. */
  static final int PRIOR_OBSERVATIONS = 20;

  /** The state of a policy that is not in use. */
  public record Kept(String policy, PolicyState state) {}

  public Learner {
    kept = List.copyOf(kept);
    standings = List.copyOf(standings);
  }

  public static Learner start(PolicySettings settings) {
    return new Learner(settings, Policies.of(settings).start(), List.of(), List.of(), 0);
  }

  /**
   * Takes in the candidates it does not know; what it knows of others stays. A new version starts from its predecessor's mean loss, another
   * newcomer from the known candidates' median.
   *
   * @param predecessors by new version
   */
  public Learner admit(List<ModelId> candidates, Map<ModelId, ModelId> predecessors) {
    if (knowsAll(candidates)) {
      return this;
    }
    List<ModelId> peers = new ArrayList<>();
    List<ModelId> strangers = new ArrayList<>();
    for (ModelId candidate : candidates) {
      (knowsAll(List.of(candidate)) ? peers : strangers).add(candidate);
    }
    List<Standing> admitted = new ArrayList<>(standings);
    List<Standing> newcomers = new ArrayList<>();
    for (ModelId stranger : strangers) {
      Optional<Standing> known = standing(stranger);
      Standing newcomer = known.orElseGet(() -> newcomer(stranger, Optional.ofNullable(predecessors.get(stranger)), candidates));
      newcomers.add(newcomer);
      if (known.isEmpty()) {
        admitted.add(newcomer);
      }
    }
    List<Prior> priors = priors(newcomers, of(peers));
    return new Learner(settings, policy().admit(peers, priors).state(), kept, admitted, observations);
  }

  /** The same with nothing believed of any newcomer. */
  Learner admitUnjudged(List<ModelId> candidates) {
    if (knowsAll(candidates)) {
      return this;
    }
    List<ModelId> peers = new ArrayList<>();
    List<Prior> newcomers = new ArrayList<>();
    List<Standing> admitted = new ArrayList<>(standings);
    for (ModelId candidate : candidates) {
      if (knowsAll(List.of(candidate))) {
        peers.add(candidate);
      } else {
        newcomers.add(new Prior(candidate, 0, 0, 0));
        if (find(candidate, 0) < 0) {
          admitted.add(Standing.unknown(candidate));
        }
      }
    }
    return new Learner(settings, policy().admit(peers, newcomers).state(), kept, admitted, observations);
  }

  /** Who is asked, without a shadow. */
  public Selection select(List<ModelId> candidates, int maxAsked, RandomGenerator random) {
    return select(candidates, maxAsked, 0, random);
  }

  /** Who is asked by a query without features. */
  public Selection select(List<ModelId> candidates, int maxAsked, double shadow, RandomGenerator random) {
    return select(candidates, Features.NONE, maxAsked, shadow, random);
  }

  /**
   * Who is asked. Candidates that were not admitted count as newcomers without predecessor.
   *
   * @param shadow the share of queries, 0..1, that asks all candidates for learning's sake
   */
  public Selection select(List<ModelId> candidates, Features features, int maxAsked, double shadow, RandomGenerator random) {
    if (candidates.isEmpty()) {
      throw new IllegalArgumentException("there is no candidate");
    }
    Learner knowing = admit(candidates, Map.of());
    Bound<?> policy = knowing.policy();
    boolean[] young = knowing.young(candidates);
    Selection chosen = policy.select(candidates, young, features, maxAsked, random);
    Selection selection =
        chosen.propensity() == Propensity.ESTIMATED ? chosen.with(new Estimate(knowing, candidates, features, shadow)) : chosen;
    return shadow > 0
        ? Asking.shadowed(selection, candidates, () -> policy.weights(candidates, young, features), shadow, random)
        : selection;
  }

  /** The share of the choice or of the vote that each has where a query has no features. */
  public Map<ModelId, Double> weights(List<ModelId> candidates) {
    return weights(candidates, Features.NONE);
  }

  /** Each candidate's share of the choice or of the vote, in the order given; they sum to one. */
  public Map<ModelId, Double> weights(List<ModelId> candidates, Features features) {
    Map<ModelId, Double> weights = new LinkedHashMap<>();
    if (!candidates.isEmpty()) {
      Learner knowing = admit(candidates, Map.of());
      double[] shares = knowing.policy().weights(candidates, knowing.young(candidates), features);
      for (int i = 0; i < shares.length; i++) {
        weights.put(candidates.get(i), shares[i]);
      }
    }
    return Collections.unmodifiableMap(weights);
  }

  public Learner observe(Observation observation) {
    Learner knowing = admit(observation.candidates(), Map.of());
    if (observation.judged().isEmpty()) {
      return knowing;
    }
    Standing[] next = knowing.standings.toArray(new Standing[0]);
    int index = -1;
    for (Observation.Judged judged : observation.judged()) {
      index = knowing.find(judged.model(), index + 1);
      next[index] = next[index].after(judged.loss());
    }
    return new Learner(settings, knowing.policy().observe(observation).state(), kept, List.of(next), observations + 1);
  }

  /**
   * The same policy with other options goes on from its state. Another one takes up the state it had when it was last in use, or starts
   * from each model's own mean loss; the one it replaces has its state kept.
   */
  public Learner withPolicy(PolicySettings next) {
    if (next.equals(settings)) {
      return this;
    }
    if (next.name().equals(settings.name())) {
      return new Learner(next, state, kept, standings, observations);
    }
    List<Kept> others = new ArrayList<>();
    Optional<PolicyState> before = Optional.empty();
    for (Kept other : kept) {
      if (other.policy().equals(next.name())) {
        before = Optional.of(other.state());
      } else {
        others.add(other);
      }
    }
    others.add(new Kept(settings.name(), state));
    return new Learner(next, before.orElseGet(() -> started(next, standings)), others, standings, observations);
  }

  /** Without a version that was deleted and will not come back. */
  public Learner forget(ModelId model) {
    List<Kept> others = kept.stream().map(one -> new Kept(one.policy(), one.state().without(model))).toList();
    List<Standing> rest = standings.stream().filter(standing -> !standing.model().equals(model)).toList();
    return new Learner(settings, state.without(model), others, rest, observations);
  }

  /** Without trust in what a model was: it starts again as a newcomer does, from the middle of these candidates. */
  public Learner damped(ModelId model, List<ModelId> candidates) {
    return forget(model).admit(candidates, Map.of());
  }

  /** A learner for one context, which starts from this one's mean losses, each worth 20 observations whatever the traffic. */
  public Learner contextLearner() {
    List<Standing> believed = new ArrayList<>();
    for (Standing standing : standings) {
      double worth = standing.evidence() > 0 ? PRIOR_OBSERVATIONS : 0;
      believed.add(new Standing(standing.model(), standing.expectedLoss(), worth, 0, 0));
    }
    return new Learner(settings, started(settings, believed), List.of(), believed, 0);
  }

  public Optional<Standing> standing(ModelId model) {
    int index = find(model, 0);
    return index < 0 ? Optional.empty() : Optional.of(standings.get(index));
  }

  private static PolicyState started(PolicySettings settings, List<Standing> standings) {
    Bound<?> policy = Bound.of(settings, Policies.of(settings).start());
    return policy.admit(List.of(), priors(standings, List.of())).state();
  }

  private Standing newcomer(ModelId model, Optional<ModelId> predecessor, List<ModelId> candidates) {
    return predecessor
        .flatMap(this::standing)
        .filter(standing -> standing.evidence() > 0)
        .map(standing -> standing.heir(model, PRIOR_OBSERVATIONS))
        .orElseGet(() -> median(model, of(candidates)));
  }

  /** The middle of their expected losses, worth the middle of what stands behind them. */
  private static Standing median(ModelId model, List<Standing> peers) {
    double[] losses = peers.stream().filter(peer -> peer.evidence() > 0).mapToDouble(Standing::expectedLoss).sorted().toArray();
    double[] worths = peers.stream().mapToDouble(Standing::evidence).filter(worth -> worth > 0).sorted().toArray();
    return losses.length == 0
        ? Standing.unknown(model)
        : new Standing(model, middle(losses), Math.min(middle(worths), PRIOR_OBSERVATIONS), 0, 0);
  }

  private static double middle(double[] sorted) {
    int half = sorted.length / 2;
    return sorted.length % 2 == 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
  }

  /** Newcomers are compared with their peers, or with each other where nothing is known of a peer. */
  private static List<Prior> priors(List<Standing> newcomers, List<Standing> peers) {
    List<Standing> compared = peers.stream().anyMatch(peer -> peer.evidence() > 0) ? peers : newcomers;
    double mean = compared.stream().filter(one -> one.evidence() > 0).mapToDouble(Standing::expectedLoss).average().orElse(0);
    return newcomers.stream()
        .map(one -> new Prior(one.model(), one.expectedLoss(), Math.min(one.evidence(), PRIOR_OBSERVATIONS), mean))
        .toList();
  }

  /** The standings of those of these models that are known. */
  private List<Standing> of(List<ModelId> models) {
    return models.stream().flatMap(model -> standing(model).stream()).toList();
  }

  /** −1 for an unknown one. */
  private int find(ModelId model, int expected) {
    return expected < standings.size() && standings.get(expected).model().equals(model) ? expected : search(model);
  }

  /** From the newest, which are the candidates. Apart from the first look, which is made dozens of times a step and is inlined while it is short. */
  private int search(ModelId model) {
    for (int i = standings.size() - 1; i >= 0; i--) {
      if (standings.get(i).model().equals(model)) {
        return i;
      }
    }
    return -1;
  }

  private boolean knowsAll(List<ModelId> candidates) {
    int index = -1;
    for (int i = 0; i < candidates.size(); i++) {
      index = find(candidates.get(i), index + 1);
      if (index < 0) {
        return false;
      }
    }
    return state.knows(candidates);
  }

  private boolean[] young(List<ModelId> candidates) {
    boolean[] young = new boolean[candidates.size()];
    int index = -1;
    for (int i = 0; i < young.length; i++) {
      index = find(candidates.get(i), index + 1);
      young[i] = standings.get(index).observations() < PRIOR_OBSERVATIONS;
    }
    return young;
  }

  private Bound<?> policy() {
    return Bound.of(settings, state);
  }

  /** A policy and its state, of which the compiler knows that they fit. */
  private record Bound<S extends PolicyState>(SelectionPolicy<S> policy, S state) {
    static Bound<?> of(PolicySettings settings, PolicyState state) {
      return of(Policies.of(settings), state);
    }

    private static <S extends PolicyState> Bound<S> of(SelectionPolicy<S> policy, PolicyState state) {
      return new Bound<>(policy, policy.stateType().cast(state));
    }

    Bound<S> admit(List<ModelId> peers, List<Prior> newcomers) {
      return new Bound<>(policy, policy.admit(state, peers, newcomers));
    }

    double[] weights(List<ModelId> candidates, boolean[] young, Features features) {
      return policy.weights(state, candidates, young, features);
    }

    Selection select(List<ModelId> candidates, boolean[] young, Features features, int maxAsked, RandomGenerator random) {
      return policy.select(state, candidates, young, features, maxAsked, random);
    }

    Bound<S> observe(Observation observation) {
      return new Bound<>(policy, policy.observe(state, observation));
    }
  }
}
