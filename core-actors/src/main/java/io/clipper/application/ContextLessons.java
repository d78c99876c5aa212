package io.clipper.application;

import io.clipper.model.ModelId;
import java.util.ArrayList;
import java.util.List;

/**
 * The durable lessons of contexts that may be in no row yet, numbered one after the other, and of whom earlier rows may say what is not
 * true any more. An immutable value, part of the ledger and of its snapshots: all that those know of contexts.
 *
 * @param first the number of the first of them, or of the next where there is none
 * @param lists as they came: one for each event
 * @param forgotten at most one for each model version
 */
record ContextLessons(long first, List<List<Lesson>> lists, List<Forgotten> forgotten) {
  static final ContextLessons NONE = new ContextLessons(1, List.of(), List.of());

  /**
   * That version was another.
   *
   * @param upTo a row whose last lesson has that number or a lower one speaks of the other
   */
  record Forgotten(ModelId model, long upTo) {}

  /** Takes one. */
  @FunctionalInterface
  interface Taker {
    void take(long number, Lesson lesson);
  }

  ContextLessons {
    lists = List.copyOf(lists);
    forgotten = List.copyOf(forgotten);
  }

  int size() {
    return lists.stream().mapToInt(List::size).sum();
  }

  /** The number of the latest lesson there was; 0 before the first. */
  long last() {
    return first + size() - 1;
  }

  /** Those of these lessons that have a context. */
  ContextLessons with(List<Lesson> lessons) {
    List<Lesson> more = lessons.stream().filter(lesson -> lesson.context().isPresent()).toList();
    if (more.isEmpty()) {
      return this;
    }
    List<List<Lesson>> next = new ArrayList<>(lists);
    next.add(more);
    return new ContextLessons(first, next, forgotten);
  }

  /** All up to that number are in rows. Whole lists go, so that a few may stay for longer. */
  ContextLessons written(long upTo) {
    long next = first;
    int gone = 0;
    while (gone < lists.size() && next + lists.get(gone).size() - 1 <= upTo) {
      next += lists.get(gone).size();
      gone++;
    }
    return gone == 0 ? this : new ContextLessons(next, lists.subList(gone, lists.size()), forgotten);
  }

  ContextLessons without(List<ModelId> gone) {
    List<Forgotten> next = new ArrayList<>(forgotten);
    next.removeIf(one -> gone.contains(one.model()));
    gone.forEach(model -> next.add(new Forgotten(model, last())));
    return new ContextLessons(first, lists, next);
  }

  /** Those of another application, of which there are none yet; the numbers go on. */
  ContextLessons ofAnother() {
    return new ContextLessons(last() + 1, List.of(), List.of());
  }

  /** Gives those with a higher number, in their order. */
  void after(long number, Taker taker) {
    long next = first;
    for (List<Lesson> list : lists) {
      if (next + list.size() - 1 > number) {
        for (int i = 0; i < list.size(); i++) {
          if (next + i > number) {
            taker.take(next + i, list.get(i));
          }
        }
      }
      next += list.size();
    }
  }
}
