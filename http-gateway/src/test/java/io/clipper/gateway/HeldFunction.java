package io.clipper.gateway;

import io.clipper.model.Input;
import io.clipper.model.Output;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;

/** A model's function that says when it is asked, and answers when the test says so. */
public final class HeldFunction implements Function<Input, Output> {
  private final CompletableFuture<Void> asked = new CompletableFuture<>();
  private final CompletableFuture<Output> answer = new CompletableFuture<>();

  @Override
  public Output apply(Input input) {
    asked.complete(null);
    return answer.join();
  }

  public void awaitAsked() {
    asked.join();
  }

  public void answer(Output output) {
    answer.complete(output);
  }
}
