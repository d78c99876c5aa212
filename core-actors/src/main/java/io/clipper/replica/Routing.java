package io.clipper.replica;

import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Which replica is asked: the one that will answer first. All are looked at while they are few; of many two by chance, which is almost as
 * good (Mitzenmacher, IEEE TPDS 2001), and one that is local. Of those that are about as fast the local one. One on trial is only asked while it
 * holds nothing, unless all are. One that is full is not asked while another holds nothing, however slow that was: it has nothing to lose.
 */
public final class Routing {
  /** A replica as far as the rule needs it. */
  public interface Candidate {
    ReplicaLoad load();

    boolean local();
  }

  /** Up to so many replicas all are looked at. */
  static final int LOOK_AT_ALL = 8;
  /** A local one is asked that takes so many times as long as another: what it costs to write and read a flight is the processors' too. */
  private static final double ABOUT_AS_FAST = 1.1;
  /** Draws of two in which both are on trial, before all are looked at. */
  private static final int DRAWS = 3;

  private Routing() {}

  public static <C extends Candidate> Optional<C> choose(List<C> candidates, long nowNanos, RandomGenerator random) {
    return choose(candidates, candidate -> true, nowNanos, random);
  }

  /** @param eligible what may be asked at all */
  public static <C extends Candidate> Optional<C> choose(List<C> candidates, Predicate<C> eligible, long nowNanos, RandomGenerator random) {
    Optional<C> first = first(candidates, eligible, nowNanos, random);
    if (first.isPresent() && first.get().load().isFull(nowNanos)) {
      return best(candidates, candidate -> eligible.test(candidate) && isAtRest(candidate, nowNanos), nowNanos).or(() -> first);
    }
    return first;
  }

  private static boolean isAtRest(Candidate candidate, long nowNanos) {
    return candidate.load().outstanding() == 0 && !candidate.load().isFull(nowNanos);
  }

  private static <C extends Candidate> Optional<C> first(List<C> candidates, Predicate<C> eligible, long nowNanos, RandomGenerator random) {
    if (candidates.size() > LOOK_AT_ALL) {
      for (int draw = 0; draw < DRAWS; draw++) {
        int first = random.nextInt(candidates.size());
        int second = (first + 1 + random.nextInt(candidates.size() - 1)) % candidates.size();
        Optional<C> chosen = best(withLocal(candidates.get(first), candidates.get(second), candidates, random), eligible, nowNanos);
        if (chosen.isPresent() && mayBeAsked(chosen.get())) {
          return chosen;
        }
      }
    }
    return best(candidates, eligible, nowNanos);
  }

  /** Those two, and where neither is local one that is. */
  private static <C extends Candidate> List<C> withLocal(C one, C other, List<C> candidates, RandomGenerator random) {
    if (!one.local() && !other.local()) {
      int from = random.nextInt(candidates.size());
      for (int i = 0; i < candidates.size(); i++) {
        C candidate = candidates.get((from + i) % candidates.size());
        if (candidate.local()) {
          return List.of(one, other, candidate);
        }
      }
    }
    return List.of(one, other);
  }

  private static <C extends Candidate> Optional<C> best(List<C> candidates, Predicate<C> eligible, long nowNanos) {
    @Nullable C best = null;
    for (C candidate : candidates) {
      if (eligible.test(candidate) && (best == null || isBetter(candidate, best, nowNanos))) {
        best = candidate;
      }
    }
    return Optional.ofNullable(best);
  }

  private static boolean isBetter(Candidate one, Candidate other, long nowNanos) {
    if (mayBeAsked(one) != mayBeAsked(other)) {
      return mayBeAsked(one);
    }
    double cost = one.load().cost(nowNanos);
    double others = other.load().cost(nowNanos);
    if (one.local() == other.local()) {
      return cost < others;
    }
    return one.local() ? cost <= ABOUT_AS_FAST * others : ABOUT_AS_FAST * cost < others;
  }

  private static boolean mayBeAsked(Candidate candidate) {
    return !candidate.load().isOnTrial() || candidate.load().outstanding() == 0;
  }
}
