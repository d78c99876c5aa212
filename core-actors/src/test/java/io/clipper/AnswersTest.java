package io.clipper;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.javadsl.AskPattern;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.pattern.StatusReply;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class AnswersTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final CountDownLatch released = new CountDownLatch(1);
  private final ActorTestKit kit = ActorTestKit.create();

  private record Question(int number, ActorRef<StatusReply<Integer>> replyTo) {}

  @BeforeEach
  void blockTheCommonPool() throws InterruptedException {
    int threads = ForkJoinPool.commonPool().getParallelism();
    CountDownLatch blocked = new CountDownLatch(threads);
    for (int i = 0; i < threads; i++) {
      ForkJoinPool.commonPool()
          .execute(
              () -> {
                blocked.countDown();
                try {
                  released.await();
                } catch (InterruptedException ending) {
                  Thread.currentThread().interrupt();
                }
              });
    }
    blocked.await();
  }

  @AfterEach
  void releaseIt() {
    released.countDown();
    kit.shutdownTestKit();
  }

  @Test
  void whatFollowsAnAnswerDoesNotWaitForTheCommonPool() {
    assertThat(Answers.here(ask(1)).thenApply(answer -> answer + 1)).succeedsWithin(LONG).isEqualTo(2);
  }

  @Test
  void whatDoesNotComeBeforeTheEndIsRefused() {
    Refused ended = new Refused(Refused.Reason.UNAVAILABLE, "it ended");
    CompletableFuture<Void> end = new CompletableFuture<>();
    CompletionStage<Integer> there = Answers.unlessEnded(CompletableFuture.completedStage(1), end, ended);
    CompletionStage<Integer> never = Answers.unlessEnded(new CompletableFuture<Integer>(), end, ended);
    CompletableFuture<Integer> failing = new CompletableFuture<>();
    CompletionStage<Integer> failed = Answers.unlessEnded(failing, end, ended);
    assertThat(never.toCompletableFuture()).isNotDone();

    end.complete(null);
    failing.completeExceptionally(new IllegalStateException("nobody is there"));

    assertThat(there).succeedsWithin(LONG).isEqualTo(1);
    assertThat(never).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withCause(ended);
    assertThat(failed).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withCause(ended);
  }

  @Test
  void aRefusalArrivesAsItWasGiven() {
    CompletionStage<Boolean> refused = Answers.here(ask(-1)).handle((answer, failure) -> failure instanceof Refused);

    assertThat(refused).succeedsWithin(LONG).isEqualTo(true);
  }

  @Test
  void whatIsUnavailableIsAskedAgainUntilItAnswers() {
    AtomicInteger asked = new AtomicInteger();

    CompletionStage<String> answer =
        Answers.onceAvailable(
            () ->
                asked.incrementAndGet() < 3
                    ? CompletableFuture.<String>failedStage(new Refused(Refused.Reason.UNAVAILABLE, "not yet")).thenApply(never -> never)
                    : CompletableFuture.completedStage("awake"),
            Duration.ofMillis(1));

    assertThat(answer).succeedsWithin(LONG).isEqualTo("awake");
    assertThat(asked).hasValue(3);
  }

  @Test
  void whatIsRefusedForGoodIsAskedOnce() {
    AtomicInteger asked = new AtomicInteger();
    Refused gone = new Refused(Refused.Reason.NOT_FOUND, "gone");

    CompletionStage<String> answer =
        Answers.onceAvailable(
            () -> {
              asked.incrementAndGet();
              return CompletableFuture.failedStage(gone);
            },
            Duration.ofMillis(1));

    assertThat(answer).failsWithin(LONG).withThrowableOfType(ExecutionException.class).withCause(gone);
    assertThat(asked).hasValue(1);
  }

  private CompletionStage<Integer> ask(int number) {
    ActorRef<Question> asked =
        kit.spawn(
            Behaviors.receiveMessage(
                question -> {
                  question.replyTo().tell(answer(question.number()));
                  return Behaviors.same();
                }));
    return AskPattern.askWithStatus(asked, replyTo -> new Question(number, replyTo), LONG, kit.scheduler());
  }

  private static StatusReply<Integer> answer(int number) {
    return number < 0 ? StatusReply.error(new Refused(Refused.Reason.INVALID, "below zero")) : StatusReply.success(number);
  }
}
