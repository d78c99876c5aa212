package io.clipper.gateway.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class LeftoversTest {
  private final Set<String> named = new HashSet<>();
  private final List<String> discarded = new ArrayList<>();
  private CompletableFuture<Void> discarding = CompletableFuture.completedFuture(null);
  private final Leftovers leftovers =
      new Leftovers(
          named::contains,
          sha -> {
            discarded.add(sha);
            return discarding;
          });

  @Test
  void whatFailedGoesWithTheLastThatIsUnderWay() {
    leftovers.begin();
    leftovers.begin();
    leftovers.add("one");

    assertThat(leftovers.end()).isCompleted();
    assertThat(discarded).as("the other may have brought the same").isEmpty();

    assertThat(leftovers.end()).isCompleted();
    assertThat(discarded).containsExactly("one");
  }

  @Test
  void whatAVersionNamesStays() {
    leftovers.begin();
    leftovers.add("one");
    leftovers.add("two");
    named.add("two");

    leftovers.end();

    assertThat(discarded).containsExactly("one");
  }

  @Test
  void nothingIsStoredWhileSomethingGoes() {
    discarding = new CompletableFuture<>();
    leftovers.begin();
    leftovers.add("one");
    CompletableFuture<Void> end = leftovers.end().toCompletableFuture();
    CompletableFuture<Void> next = leftovers.begin().toCompletableFuture();
    assertThat(end).isNotDone();
    assertThat(next).isNotDone();

    discarding.complete(null);

    assertThat(end).isCompleted();
    assertThat(next).isCompleted();
  }

  @Test
  void whatCannotBeTakenAwayHoldsUpNobody() {
    discarding = CompletableFuture.failedFuture(new IllegalStateException("the disk is gone"));
    leftovers.begin();
    leftovers.add("one");

    assertThat(leftovers.end()).isCompleted();
    assertThat(leftovers.begin()).isCompleted();
  }
}
