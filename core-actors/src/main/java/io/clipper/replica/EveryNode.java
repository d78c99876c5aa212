package io.clipper.replica;

import io.clipper.model.ModelId;
import io.clipper.replica.Placement.Copy;
import java.util.Collection;
import java.util.HashSet;
import java.util.Set;
import java.util.SortedMap;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * The copies of a version of which each node that may run it is to have one. A node keeps its copy's number for as long as it is there; one
 * that comes gets the least that is free. So whoever comes or goes, no other node's copy moves.
 */
final class EveryNode {
  private EveryNode() {}

  /** Each bound to its node, which has its own name among its roles. */
  static Stream<Copy> copies(ModelId version, Set<String> needs, Placement before, Set<String> able) {
    return places(version, before, able).entrySet().stream()
        .map(place -> new Copy(new CopyId(version, place.getKey()).key(), version.toString(), with(needs, place.getValue())));
  }

  /** Which numbers a placement has, and where. */
  static SortedMap<Integer, String> numbers(ModelId version, Placement placement) {
    SortedMap<Integer, String> numbers = new TreeMap<>();
    placement.nodeOf().forEach((key, node) -> CopyId.numberOf(version, key).ifPresent(number -> numbers.put(number, node)));
    return numbers;
  }

  private static SortedMap<Integer, String> places(ModelId version, Placement before, Set<String> able) {
    SortedMap<Integer, String> places = new TreeMap<>();
    SortedSet<String> without = new TreeSet<>(able);
    numbers(version, before)
        .forEach(
            (number, node) -> {
              if (without.remove(node)) {
                places.put(number, node);
              }
            });
    for (String node : without) {
      places.put(leastFree(places.keySet()), node);
    }
    return places;
  }

  private static int leastFree(Set<Integer> taken) {
    int number = 0;
    while (taken.contains(number)) {
      number++;
    }
    return number;
  }

  static Set<String> with(Collection<String> roles, String name) {
    Set<String> more = new HashSet<>(roles);
    more.add(name);
    return more;
  }
}
