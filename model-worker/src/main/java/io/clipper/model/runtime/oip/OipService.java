package io.clipper.model.runtime.oip;

import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import io.clipper.model.runtime.oip.protocol.ModelConfigRequest;
import io.clipper.model.runtime.oip.protocol.ModelConfigResponse;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ModelReadyRequest;
import io.clipper.model.runtime.oip.protocol.ModelReadyResponse;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.clipper.model.runtime.oip.protocol.ServerLiveRequest;
import io.clipper.model.runtime.oip.protocol.ServerLiveResponse;
import io.clipper.model.runtime.oip.protocol.ServerMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ServerMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ServerReadyRequest;
import io.clipper.model.runtime.oip.protocol.ServerReadyResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** One model of this JVM behind the protocol; whatever is asked about another is not found. */
final class OipService extends GRPCInferenceServiceImplBase {
  private static final Duration UNHURRIED = Duration.ofMinutes(5);

  private final ModelId id;
  private final ModelRuntime runtime;
  private final Standstill standstill;
  private final Duration stuckTimeout;
  private final List<String> extensions;
  private final Set<BatchStream> streams = ConcurrentHashMap.newKeySet();
  private volatile boolean ending;

  /**
   * @param stuckTimeout after which a model that returns none of its batches is not ready
   * @param extensions ways of asking beyond the protocol's
   */
  OipService(ModelId id, ModelRuntime runtime, Standstill standstill, Duration stuckTimeout, List<String> extensions) {
    this.id = id;
    this.runtime = runtime;
    this.standstill = standstill;
    this.stuckTimeout = stuckTimeout;
    this.extensions = extensions;
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> caller) {
    answer(caller, ServerLiveResponse.newBuilder().setLive(true).build());
  }

  @Override
  public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> caller) {
    answer(caller, ServerReadyResponse.newBuilder().setReady(isReady()).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> caller) {
    if (isKnown(request.getName(), request.getVersion(), caller)) {
      answer(caller, ModelReadyResponse.newBuilder().setReady(isReady()).build());
    }
  }

  @Override
  public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> caller) {
    answer(caller, ServerMetadataResponse.newBuilder().setName("clipper-worker").setVersion(id.version()).addAllExtensions(extensions).build());
  }

  @Override
  public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> caller) {
    if (isKnown(request.getName(), request.getVersion(), caller)) {
      ModelMetadataResponse.Builder metadata =
          ModelMetadataResponse.newBuilder().setName(id.name()).addVersions(id.version()).setPlatform("clipper");
      RemoteModel.describe(runtime.signature()).forEach(metadata::addInputs);
      answer(caller, metadata.build());
    }
  }

  /** Tells which inputs a request may lack. */
  @Override
  public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> caller) {
    if (isKnown(request.getName(), request.getVersion(), caller)) {
      answer(caller, ModelConfigResponse.newBuilder().setConfig(RemoteModel.configuration(id.name(), runtime.signature())).build());
    }
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> caller) {
    answered(request, budget())
        .whenComplete(
            (response, failure) -> {
              if (failure == null) {
                answer(caller, response);
              } else {
                caller.onError(failure);
              }
            });
  }

  /** A batch that is refused ends its stream. */
  @Override
  public StreamObserver<ModelInferRequest> modelStreamInfer(StreamObserver<ModelStreamInferResponse> caller) {
    BatchStream stream = new BatchStream((ServerCallStreamObserver<ModelStreamInferResponse>) caller);
    streams.add(stream);
    if (ending) {
      stream.end();
    }
    return stream;
  }

  /** Once nothing new is taken: what is being answered is answered still. */
  void endStreams() {
    ending = true;
    streams.forEach(BatchStream::end);
  }

  private final class BatchStream implements StreamObserver<ModelInferRequest> {
    private final ServerCallStreamObserver<ModelStreamInferResponse> caller;
    private int underWay;
    private boolean ends;
    private volatile boolean over;

    private BatchStream(ServerCallStreamObserver<ModelStreamInferResponse> caller) {
      this.caller = caller;
      caller.setOnCancelHandler(this::gone);
      caller.setOnCloseHandler(this::gone);
    }

    @Override
    public synchronized void onNext(ModelInferRequest request) {
      if (over) {
        return; // sent before its sender knew
      }
      underWay++;
      answered(request, InferStreams.budget(request).orElse(UNHURRIED)).whenComplete(this::tell);
    }

    private synchronized void tell(ModelInferResponse response, Throwable failure) {
      underWay--;
      if (over) {
        return;
      }
      if (failure != null) {
        gone();
        caller.onError(failure);
        return;
      }
      caller.onNext(ModelStreamInferResponse.newBuilder().setInferResponse(response).build());
      endIfIdle();
    }

    synchronized void end() {
      ends = true;
      endIfIdle();
    }

    private void endIfIdle() {
      if (ends && underWay == 0 && !over) {
        gone();
        caller.onCompleted();
      }
    }

    /** Takes no lock: whoever is being answered may be far, and an answer long. */
    private void gone() {
      over = true;
      streams.remove(this);
    }

    @Override
    public void onCompleted() {
      end();
    }

    @Override
    public void onError(Throwable left) {
      gone();
    }
  }

  /** Fails with the call's status. */
  CompletionStage<ModelInferResponse> answered(ModelInferRequest request, Duration budget) {
    Optional<StatusRuntimeException> unknown = unknown(request.getModelName(), request.getModelVersion());
    if (unknown.isPresent()) {
      return CompletableFuture.failedStage(unknown.get());
    }
    CompletableFuture<ModelInferResponse> answer = new CompletableFuture<>();
    try {
      predict(InferRequests.rows(request), budget).whenComplete((outputs, failure) -> complete(answer, request, outputs, failure));
    } catch (IllegalArgumentException wrong) {
      answer.completeExceptionally(refusal(Status.INVALID_ARGUMENT, wrong));
    } catch (RuntimeException failed) {
      answer.completeExceptionally(refusal(Status.INTERNAL, failed));
    }
    return answer;
  }

  private CompletionStage<List<Output>> predict(List<Input> rows, Duration budget) {
    standstill.sent();
    try {
      return runtime.predict(rows, budget).whenComplete((outputs, failure) -> standstill.returned());
    } catch (RuntimeException refused) {
      standstill.returned();
      throw refused;
    }
  }

  private boolean isReady() {
    return standstill.duration().compareTo(stuckTimeout) < 0;
  }

  private void complete(CompletableFuture<ModelInferResponse> answer, ModelInferRequest request, List<Output> outputs, @Nullable Throwable failure) {
    if (failure != null) {
      Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
      answer.completeExceptionally(refusal(cause instanceof IllegalArgumentException ? Status.INVALID_ARGUMENT : Status.INTERNAL, cause));
      return;
    }
    try {
      answer.complete(InferResponses.response(id.name(), id.version(), request.getId(), outputs));
    } catch (IllegalStateException unequal) {
      answer.completeExceptionally(refusal(Status.INTERNAL, unequal));
    }
  }

  private boolean isKnown(String name, String version, StreamObserver<?> caller) {
    Optional<StatusRuntimeException> unknown = unknown(name, version);
    unknown.ifPresent(caller::onError);
    return unknown.isEmpty();
  }

  private Optional<StatusRuntimeException> unknown(String name, String version) {
    return id.name().equals(name) && (version.isEmpty() || id.version().equals(version))
        ? Optional.empty()
        : Optional.of(Status.NOT_FOUND.withDescription("this is %s, not %s:%s".formatted(id, name, version)).asRuntimeException());
  }

  private static Duration budget() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null ? UNHURRIED : Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
  }

  private static <T> void answer(StreamObserver<T> caller, T value) {
    caller.onNext(value);
    caller.onCompleted();
  }

  private static StatusRuntimeException refusal(Status status, Throwable cause) {
    String message = cause.getMessage();
    return status.withDescription(message == null ? cause.getClass().getSimpleName() : message).asRuntimeException();
  }
}
