package io.clipper.simulation;

import io.clipper.batch.BatchController;
import io.clipper.batch.Batcher;
import io.clipper.batch.DeadlineQueue.Entry;
import io.clipper.replica.FairShares;
import io.clipper.replica.Hedging;
import io.clipper.replica.ReplicaLoad;
import io.clipper.replica.Routing;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Function;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * Askers of one ensemble, whose models have some replicas each. A query is answered when all models have answered it, and at its deadline
 * with what is there. The routing, the copies, the shares and the batches are those that serve.
 */
final class Cluster {
  /**
   * @param hedged whether a second replica is asked after a while
   * @param fair whether nobody has more than a share while a model is overloaded
   */
  record Setting(int models, int replicas, double sloMillis, boolean hedged, boolean fair) {
    long sloNanos() {
      return (long) (sloMillis * 1e6);
    }

    Setting withoutCopies() {
      return new Setting(models, replicas, sloMillis, false, fair);
    }

    Setting withoutShares() {
      return new Setting(models, replicas, sloMillis, hedged, false);
    }
  }

  record Asker(Arrivals arrivals, long queries) {}

  /**
   * What one asker got.
   *
   * @param complete queries that all models answered in time
   * @param missing models' answers that were not there in time
   */
  record Served(long queries, long complete, long missing, double meanMillis, double longestMillis) {
    double incomplete() {
      return 1 - (double) complete / queries;
    }
  }

  /**
   * @param flights queries of single models, copies not counted
   * @param trace a digest of all that was decided and what came of it
   */
  record Outcome(List<Served> served, long flights, long copies, long trace) {}

  private static final class Query {
    private final int asker;
    private final long askedAt;
    private final long deadline;
    private int arrived;
    private int over;
    private boolean answered;

    private Query(int asker, long askedAt, long deadline) {
      this.asker = asker;
      this.askedAt = askedAt;
      this.deadline = deadline;
    }
  }

  private static final class Flight {
    private final Query query;
    private final Model model;
    private final long sentAt;
    private final List<Leg> legs = new ArrayList<>(1);
    private boolean over;

    private Flight(Query query, Model model, long sentAt) {
      this.query = query;
      this.model = model;
      this.sentAt = sentAt;
    }
  }

  private record Leg(Flight flight, long number, Replica replica, int held, long sentAt) {}

  private static final class Model {
    private final List<Replica> replicas = new ArrayList<>();
    private final Hedging hedging = new Hedging();
    private final FairShares<Integer> shares = new FairShares<>();
  }

  private final class Replica implements Routing.Candidate, SimulatedReplica.Owner<Long, Leg> {
    private final int number;
    private final ReplicaLoad load = new ReplicaLoad();
    private final SimulatedReplica<Long, Leg> copy;

    private Replica(int number, SimulatedModel model, BatchController controller) {
      this.number = number;
      this.copy = new SimulatedReplica<>(simulation, model, 0, new Batcher<>(controller, Integer.MAX_VALUE, 1, 0), this);
    }

    @Override
    public ReplicaLoad load() {
      return load;
    }

    @Override
    public boolean local() {
      return number == 0;
    }

    @Override
    public void sent(List<Entry<Long, Leg>> batch) {
      trace.note(SENT, number, batch.size(), simulation.nowNanos());
      batch.forEach(row -> trace.note(row.key()));
    }

    @Override
    public void answered(List<Entry<Long, Leg>> batch) {
      batch.forEach(row -> Cluster.this.answered(row.value()));
    }

    @Override
    public void dropped(Entry<Long, Leg> row, boolean tooMany) {
      refused(row.value(), tooMany);
    }
  }

  private static final class Tally {
    private long queries;
    private long complete;
    private long missing;
    private double nanos;
    private long longest;
  }

  private static final int ROUTED = -1;
  private static final int COPIED = -2;
  private static final int SENT = -3;
  private static final int REFUSED = -4;
  private static final int NO_SHARE = -5;
  private static final int ANSWERED = -6;

  private final Simulation simulation = new Simulation();
  private final Trace trace = new Trace();
  private final Setting setting;
  private final RandomGenerator random;
  private final List<Model> models = new ArrayList<>();
  private final List<Tally> tallies = new ArrayList<>();
  private long legs;
  private long flights;
  private long copies;

  private Cluster(Setting setting, Function<RandomGenerator, SimulatedModel> model, Supplier<BatchController> controller, long seed) {
    this.setting = setting;
    this.random = new Random(seed);
    for (int i = 0; i < setting.models(); i++) {
      Model each = new Model();
      for (int k = 0; k < setting.replicas(); k++) {
        each.replicas.add(new Replica(k, model.apply(new Random(random.nextLong())), controller.get()));
      }
      models.add(each);
    }
  }

  /** @param model a replica's, with what it draws its times from */
  static Outcome run(
      Setting setting, Function<RandomGenerator, SimulatedModel> model, Supplier<BatchController> controller, long seed, Asker... askers) {
    Cluster cluster = new Cluster(setting, model, controller, seed);
    for (int asker = 0; asker < askers.length; asker++) {
      cluster.tallies.add(new Tally());
      cluster.planArrival(asker, askers[asker], 0);
    }
    cluster.simulation.run();
    return cluster.outcome();
  }

  private Outcome outcome() {
    List<Served> served =
        tallies.stream()
            .map(tally -> new Served(tally.queries, tally.complete, tally.missing, tally.nanos / tally.queries / 1e6, tally.longest / 1e6))
            .toList();
    return new Outcome(served, flights, copies, trace.digest());
  }

  private void planArrival(int number, Asker asker, double after) {
    if (tallies.get(number).queries < asker.queries()) {
      tallies.get(number).queries++;
      double at = after + asker.arrivals().nextGapNanos();
      simulation.at(
          (long) at,
          () -> {
            planArrival(number, asker, at);
            ask(number);
          });
    }
  }

  private void ask(int asker) {
    long now = simulation.nowNanos();
    Query query = new Query(asker, now, now + setting.sloNanos());
    simulation.at(query.deadline, () -> answer(query));
    models.forEach(model -> ask(query, model));
  }

  private void ask(Query query, Model model) {
    long now = simulation.nowNanos();
    model.shares.asked(query.asker, now);
    if (setting.fair() && !model.shares.hasShare(query.asker, now)) {
      trace.note(NO_SHARE, query.asker, now);
      partOver(query);
      return;
    }
    Replica replica = Routing.choose(model.replicas, now, random).orElseThrow();
    Flight flight = new Flight(query, model, now);
    flights++;
    model.shares.sent(query.asker);
    model.hedging.sent((int) model.replicas.stream().filter(each -> each.load.outstanding() > 0).count(), model.replicas.size());
    model.hedging.delayNanos().ifPresent(delay -> simulation.at(now + delay, () -> copy(flight)));
    send(flight, replica);
  }

  private void send(Flight flight, Replica replica) {
    long now = simulation.nowNanos();
    Leg leg = new Leg(flight, legs++, replica, replica.load.sent(now), now);
    trace.note(ROUTED, leg.number(), replica.number, now);
    flight.legs.add(leg);
    if (replica.copy.refuses(flight.query.deadline)) {
      refused(leg, true);
    } else {
      replica.copy.take(leg.number(), leg, flight.query.deadline);
    }
    replica.copy.steps();
  }

  private void copy(Flight flight) {
    long now = simulation.nowNanos();
    if (setting.hedged() && !flight.over && flight.legs.size() == 1 && now < flight.query.deadline) {
      Replica first = flight.legs.getFirst().replica();
      Routing.choose(flight.model.replicas, replica -> replica != first, now, random)
          .filter(other -> flight.model.hedging.mayCopy())
          .ifPresent(
              other -> {
                copies++;
                trace.note(COPIED, flight.legs.getFirst().number());
                send(flight, other);
              });
    }
  }

  private void answered(Leg leg) {
    Flight flight = leg.flight();
    if (!flight.over) {
      long now = simulation.nowNanos();
      leg.replica().load.answered(now, leg.held(), now - leg.sentAt());
      flight.model.hedging.answered(now - flight.sentAt);
      flight.legs.remove(leg);
      flight.query.arrived++;
      land(flight);
    }
  }

  private void refused(Leg leg, boolean tooMany) {
    Flight flight = leg.flight();
    trace.note(REFUSED, leg.number(), simulation.nowNanos());
    if (tooMany) {
      leg.replica().load.refused(simulation.nowNanos(), flight.query.deadline - simulation.nowNanos());
      flight.model.shares.refused(simulation.nowNanos());
    } else {
      leg.replica().load.dropped();
    }
    flight.legs.remove(leg);
    if (flight.legs.isEmpty()) {
      land(flight);
    }
  }

  /** The slower copy is cancelled: it leaves the queue it waits in. */
  private void land(Flight flight) {
    flight.over = true;
    flight.model.shares.landed(flight.query.asker);
    for (Leg unwanted : flight.legs) {
      unwanted.replica().load.dropped();
      unwanted.replica().copy.cancel(unwanted.number());
    }
    partOver(flight.query);
  }

  private void partOver(Query query) {
    query.over++;
    if (query.over == setting.models()) {
      answer(query);
    }
  }

  private void answer(Query query) {
    if (!query.answered) {
      query.answered = true;
      long took = simulation.nowNanos() - query.askedAt;
      trace.note(ANSWERED, query.asker, query.arrived, simulation.nowNanos());
      Tally tally = tallies.get(query.asker);
      tally.complete += query.arrived == setting.models() ? 1 : 0;
      tally.missing += setting.models() - query.arrived;
      tally.nanos += took;
      tally.longest = Math.max(tally.longest, took);
    }
  }
}
