package io.clipper.model.runtime.oip;

import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import io.clipper.model.runtime.oip.protocol.InferParameter;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Calls of a worker that stay open: what a call costs is paid once for many batches. A batch that is refused ends its stream with the status
 * that a call of its own would have, and the next opens another.
 */
final class InferStreams extends Lanes {
  /** The extension by which a server says that it serves {@code ModelStreamInfer} so. */
  static final String EXTENSION = "clipper_streams";

  /** The parameter of a request that says in how many microseconds nobody wants its answer any more. */
  static final String TIMEOUT = "timeout";

  private final GRPCInferenceServiceStub server;

  InferStreams(GRPCInferenceServiceStub server) {
    this.server = server;
  }

  /** How long whoever sent it waits for the answer, where it says so. */
  static Optional<Duration> budget(ModelInferRequest request) {
    long micros = request.getParametersOrDefault(TIMEOUT, InferParameter.getDefaultInstance()).getInt64Param();
    return micros > 0 ? Optional.of(Duration.of(micros, ChronoUnit.MICROS)) : Optional.empty();
  }

  private static ModelInferRequest within(Duration budget, ModelInferRequest request) {
    long micros = Math.max(1, TimeUnit.NANOSECONDS.toMicros(budget.toNanos()));
    return request.toBuilder().putParameters(TIMEOUT, InferParameter.newBuilder().setInt64Param(micros).build()).build();
  }

  @Override
  Optional<Lane> open() {
    return Optional.of(new Stream());
  }

  /** They end with the channel. */
  @Override
  public void close() {
    // Nothing is here beside it.
  }

  private final class Stream extends Lane implements StreamObserver<ModelStreamInferResponse> {
    private final StreamObserver<ModelInferRequest> requests = server.modelStreamInfer(this);

    @Override
    void send(ModelInferRequest request, Duration budget) {
      requests.onNext(within(budget, request));
    }

    @Override
    void hangUp() {
      requests.onError(Status.CANCELLED.withDescription("the deadline passed").asException());
    }

    @Override
    public void onNext(ModelStreamInferResponse response) {
      answered(response.getInferResponse());
    }

    @Override
    public void onError(Throwable failure) {
      over(Status.fromThrowable(failure));
    }

    @Override
    public void onCompleted() {
      over(Status.CANCELLED.withDescription("the server has ended the stream"));
    }
  }
}
