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
import io.clipper.model.runtime.oip.protocol.ServerLiveRequest;
import io.clipper.model.runtime.oip.protocol.ServerLiveResponse;
import io.clipper.model.runtime.oip.protocol.ServerMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ServerMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ServerReadyRequest;
import io.clipper.model.runtime.oip.protocol.ServerReadyResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** One model of this JVM behind the protocol; whatever is asked about another is not found. */
final class OipService extends GRPCInferenceServiceImplBase {
  private static final Duration UNHURRIED = Duration.ofMinutes(5);

  private final ModelId id;
  private final ModelRuntime runtime;
  private final Standstill standstill;
  private final Duration stuckTimeout;

  /** @param stuckTimeout after which a model that returns none of its batches is not ready */
  OipService(ModelId id, ModelRuntime runtime, Standstill standstill, Duration stuckTimeout) {
    this.id = id;
    this.runtime = runtime;
    this.standstill = standstill;
    this.stuckTimeout = stuckTimeout;
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
    answer(caller, ServerMetadataResponse.newBuilder().setName("clipper-worker").setVersion(id.version()).build());
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
    if (!isKnown(request.getModelName(), request.getModelVersion(), caller)) {
      return;
    }
    try {
      predict(InferRequests.rows(request)).whenComplete((outputs, failure) -> infer(request, caller, outputs, failure));
    } catch (IllegalArgumentException wrong) {
      refuse(caller, Status.INVALID_ARGUMENT, wrong);
    }
  }

  private CompletionStage<List<Output>> predict(List<Input> rows) {
    standstill.sent();
    try {
      return runtime.predict(rows, budget()).whenComplete((outputs, failure) -> standstill.returned());
    } catch (RuntimeException refused) {
      standstill.returned();
      throw refused;
    }
  }

  private boolean isReady() {
    return standstill.duration().compareTo(stuckTimeout) < 0;
  }

  private void infer(ModelInferRequest request, StreamObserver<ModelInferResponse> caller, List<Output> outputs, Throwable failure) {
    if (failure != null) {
      Throwable cause = failure instanceof CompletionException && failure.getCause() != null ? failure.getCause() : failure;
      refuse(caller, cause instanceof IllegalArgumentException ? Status.INVALID_ARGUMENT : Status.INTERNAL, cause);
      return;
    }
    try {
      answer(caller, InferResponses.response(id.name(), id.version(), request.getId(), outputs));
    } catch (IllegalStateException unequal) {
      refuse(caller, Status.INTERNAL, unequal);
    }
  }

  private boolean isKnown(String name, String version, StreamObserver<?> caller) {
    boolean known = id.name().equals(name) && (version.isEmpty() || id.version().equals(version));
    if (!known) {
      caller.onError(Status.NOT_FOUND.withDescription("this is %s, not %s:%s".formatted(id, name, version)).asRuntimeException());
    }
    return known;
  }

  private static Duration budget() {
    Deadline deadline = Context.current().getDeadline();
    return deadline == null ? UNHURRIED : Duration.ofNanos(deadline.timeRemaining(TimeUnit.NANOSECONDS));
  }

  private static <T> void answer(StreamObserver<T> caller, T value) {
    caller.onNext(value);
    caller.onCompleted();
  }

  private static void refuse(StreamObserver<?> caller, Status status, Throwable cause) {
    String message = cause.getMessage();
    caller.onError(status.withDescription(message == null ? cause.getClass().getSimpleName() : message).asRuntimeException());
  }
}
