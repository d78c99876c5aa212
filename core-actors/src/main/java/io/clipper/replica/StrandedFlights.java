package io.clipper.replica;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/** What no replica has, as the last was lost: it waits for the next, as long as one may be back in time. */
final class StrandedFlights {
  private final Set<Flight> flights = new LinkedHashSet<>();
  /** When the first of those that are started again may be back. */
  private OptionalLong backAt = OptionalLong.empty();

  void add(Flight flight) {
    flights.add(flight);
  }

  void remove(Flight flight) {
    flights.remove(flight);
  }

  /** In the order in which they came, to be asked, refused or left. */
  List<Flight> all() {
    return List.copyOf(flights);
  }

  /** A replica is there: none is stranded any more. */
  List<Flight> rescued() {
    List<Flight> rescued = all();
    flights.clear();
    backAt = OptionalLong.empty();
    return rescued;
  }

  /** A replica that stopped may be back after that time, and not before. */
  void expectBack(long pauseNanos, long now) {
    long left = backAt.isPresent() && backAt.getAsLong() - now > 0 ? backAt.getAsLong() - now : Long.MAX_VALUE;
    backAt = OptionalLong.of(now + Math.min(left, pauseNanos));
  }

  /** When the next replica may be there at the soonest. */
  long soonest(long now) {
    return backAt.isPresent() && backAt.getAsLong() - now > 0 ? backAt.getAsLong() : now;
  }

  /** When the first of them must be answered; empty where there are none. */
  OptionalLong firstDeadline(long now) {
    OptionalLong budget = flights.stream().mapToLong(flight -> flight.budgetNanos(now)).min();
    return budget.isPresent() ? OptionalLong.of(now + budget.getAsLong()) : budget;
  }
}
