package io.clipper.gateway;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.function.BiFunction;
import java.util.function.LongConsumer;
import org.apache.pekko.http.javadsl.model.HttpHeader;
import org.apache.pekko.http.javadsl.model.HttpProtocols;
import org.apache.pekko.http.javadsl.model.HttpRequest;
import org.apache.pekko.http.javadsl.model.HttpResponse;
import org.apache.pekko.stream.Attributes;
import org.apache.pekko.stream.FlowShape;
import org.apache.pekko.stream.Inlet;
import org.apache.pekko.stream.Outlet;
import org.apache.pekko.stream.stage.AbstractInOutHandler;
import org.apache.pekko.stream.stage.AsyncCallback;
import org.apache.pekko.stream.stage.GraphStage;
import org.apache.pekko.stream.stage.GraphStageLogic;

/**
 * One connection's requests, answered one after another. The next is read while one is being answered, as only who reads notices that the
 * client has left; its {@link Caller} is told of that.
 */
final class Conversation extends GraphStage<FlowShape<HttpRequest, HttpResponse>> {
  private final Inlet<HttpRequest> in = Inlet.create("Conversation.in");
  private final Outlet<HttpResponse> out = Outlet.create("Conversation.out");
  private final FlowShape<HttpRequest, HttpResponse> shape = FlowShape.of(in, out);
  private final BiFunction<HttpRequest, Caller, CompletionStage<HttpResponse>> answers;
  private final LongConsumer handOvers;

  /**
   * @param answers never throws, and its stages do not fail
   * @param handOvers told how many nanoseconds an answer waited, once it was there, until its connection took it up
   */
  Conversation(BiFunction<HttpRequest, Caller, CompletionStage<HttpResponse>> answers, LongConsumer handOvers) {
    this.answers = answers;
    this.handOvers = handOvers;
  }

  @Override
  public FlowShape<HttpRequest, HttpResponse> shape() {
    return shape;
  }

  @Override
  public GraphStageLogic createLogic(Attributes inheritedAttributes) {
    return new Logic();
  }

  /** By HTTP/1.0's default, or by its own word. */
  private static boolean isLast(HttpRequest request) {
    String connection = request.getHeader("Connection").map(HttpHeader::value).orElse("").toLowerCase(Locale.ROOT);
    return connection.contains("close") || (request.protocol().equals(HttpProtocols.HTTP_1_0) && !connection.contains("keep-alive"));
  }

  /** On another thread than the connection's. */
  private record Answered(HttpResponse response, long atNanos) {}

  private final class Logic extends GraphStageLogic {
    private final Caller caller = new Caller();
    private final Deque<HttpRequest> waiting = new ArrayDeque<>(1);
    private final AsyncCallback<Answered> answered = createAsyncCallback(this::tell);
    private boolean answering;
    private boolean lastOfAll;

    Logic() {
      super(shape);
      Ends ends = new Ends();
      setHandler(in, ends);
      setHandler(out, ends);
    }

    private void tell(Answered later) {
      handOvers.accept(System.nanoTime() - later.atNanos());
      tell(later.response());
    }

    private void tell(HttpResponse response) {
      caller.answered();
      answering = false;
      push(out, response);
      if (isClosed(in) && waiting.isEmpty()) {
        completeStage();
      }
    }

    /** Where somebody wants the answer, and there is a question. */
    private void answerNext() {
      if (answering || waiting.isEmpty() || !isAvailable(out)) {
        return;
      }
      answering = true;
      CompletableFuture<HttpResponse> answer = answers.apply(waiting.remove(), caller).toCompletableFuture();
      if (!isClosed(in) && !hasBeenPulled(in)) {
        pull(in);
      }
      if (answer.isDone()) {
        tell(answer.join());
      } else {
        CompletableFuture<HttpResponse> unused = answer.whenComplete((response, failure) -> answered.invoke(new Answered(response, System.nanoTime())));
      }
    }

    private final class Ends extends AbstractInOutHandler {
      @Override
      public void onPush() {
        HttpRequest request = grab(in);
        lastOfAll = isLast(request);
        waiting.add(request);
        answerNext();
      }

      @Override
      public void onPull() {
        answerNext();
        if (!answering && !isClosed(in) && !hasBeenPulled(in)) {
          pull(in);
        }
      }

      /**
       * The other direction is closed with this one: what is being answered reaches nobody, and ends the stage when it is done. But after a
       * request that says that it is the last nothing is read, and its client waits.
       */
      @Override
      public void onUpstreamFinish() {
        if (!lastOfAll) {
          caller.left();
        }
        if (!answering && waiting.isEmpty()) {
          completeStage();
        }
      }

      @Override
      public void onUpstreamFailure(Throwable failure) {
        caller.left();
        failStage(failure);
      }

      @Override
      public void onDownstreamFinish(Throwable cause) throws Exception {
        caller.left();
        super.onDownstreamFinish(cause);
      }
    }
  }
}
