package io.clipper.model.runtime.endpoint;

import java.net.http.HttpResponse;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/** An answer's body as text; one of more bytes than a bound fails the answer, and its connection ends. */
final class BoundedText implements HttpResponse.BodySubscriber<String> {
  private final HttpResponse.BodySubscriber<String> text;
  private final long mostBytes;
  private long bytes;
  private Flow.@Nullable Subscription subscription;

  private BoundedText(HttpResponse.BodySubscriber<String> text, long mostBytes) {
    this.text = text;
    this.mostBytes = mostBytes;
  }

  static HttpResponse.BodyHandler<String> of(long mostBytes) {
    HttpResponse.BodyHandler<String> texts = HttpResponse.BodyHandlers.ofString();
    return answer -> new BoundedText(texts.apply(answer), mostBytes);
  }

  @Override
  public CompletionStage<String> getBody() {
    return text.getBody();
  }

  @Override
  public void onSubscribe(Flow.Subscription body) {
    subscription = body;
    text.onSubscribe(body);
  }

  @Override
  public void onNext(List<ByteBuffer> part) {
    boolean passed = bytes > mostBytes;
    bytes += part.stream().mapToLong(ByteBuffer::remaining).sum();
    if (bytes <= mostBytes) {
      text.onNext(part);
    } else if (!passed && subscription != null) {
      subscription.cancel();
      text.onError(new IllegalStateException("the answer is larger than %d MiB".formatted(mostBytes >> 20)));
    }
  }

  @Override
  public void onError(Throwable failure) {
    text.onError(failure);
  }

  @Override
  public void onComplete() {
    text.onComplete();
  }
}
