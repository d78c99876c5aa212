package io.clipper.gateway.oip;

import io.clipper.gateway.Caller;
import io.clipper.gateway.Readiness;
import io.clipper.model.runtime.oip.protocol.CudaSharedMemoryStatusRequest;
import io.clipper.model.runtime.oip.protocol.CudaSharedMemoryStatusResponse;
import io.clipper.model.runtime.oip.protocol.CudaSharedMemoryUnregisterRequest;
import io.clipper.model.runtime.oip.protocol.CudaSharedMemoryUnregisterResponse;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.LogSettingsRequest;
import io.clipper.model.runtime.oip.protocol.LogSettingsResponse;
import io.clipper.model.runtime.oip.protocol.ModelConfigRequest;
import io.clipper.model.runtime.oip.protocol.ModelConfigResponse;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ModelReadyRequest;
import io.clipper.model.runtime.oip.protocol.ModelReadyResponse;
import io.clipper.model.runtime.oip.protocol.ModelStatisticsRequest;
import io.clipper.model.runtime.oip.protocol.ModelStatisticsResponse;
import io.clipper.model.runtime.oip.protocol.ModelStreamInferResponse;
import io.clipper.model.runtime.oip.protocol.RepositoryIndexRequest;
import io.clipper.model.runtime.oip.protocol.RepositoryIndexResponse;
import io.clipper.model.runtime.oip.protocol.RepositoryModelLoadRequest;
import io.clipper.model.runtime.oip.protocol.RepositoryModelLoadResponse;
import io.clipper.model.runtime.oip.protocol.RepositoryModelUnloadRequest;
import io.clipper.model.runtime.oip.protocol.RepositoryModelUnloadResponse;
import io.clipper.model.runtime.oip.protocol.ServerLiveRequest;
import io.clipper.model.runtime.oip.protocol.ServerLiveResponse;
import io.clipper.model.runtime.oip.protocol.ServerMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ServerMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ServerReadyRequest;
import io.clipper.model.runtime.oip.protocol.ServerReadyResponse;
import io.clipper.model.runtime.oip.protocol.SystemSharedMemoryStatusRequest;
import io.clipper.model.runtime.oip.protocol.SystemSharedMemoryStatusResponse;
import io.clipper.model.runtime.oip.protocol.SystemSharedMemoryUnregisterRequest;
import io.clipper.model.runtime.oip.protocol.SystemSharedMemoryUnregisterResponse;
import io.clipper.model.runtime.oip.protocol.TraceSettingRequest;
import io.clipper.model.runtime.oip.protocol.TraceSettingResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;

/** The protocol over gRPC. What is not here (to register shared memory) answers UNIMPLEMENTED. */
final class InferenceService extends GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase {
  private final Oip oip;

  InferenceService(Oip oip) {
    this.oip = oip;
  }

  @Override
  public void serverLive(ServerLiveRequest request, StreamObserver<ServerLiveResponse> observer) {
    now(observer, ServerLiveResponse.newBuilder().setLive(oip.catalogue().live()).build());
  }

  @Override
  public void serverReady(ServerReadyRequest request, StreamObserver<ServerReadyResponse> observer) {
    now(observer, ServerReadyResponse.newBuilder().setReady(oip.catalogue().ready() instanceof Readiness.Ready).build());
  }

  @Override
  public void modelReady(ModelReadyRequest request, StreamObserver<ModelReadyResponse> observer) {
    GrpcAnswers.one(
        "ModelReady",
        observer,
        () ->
            oip.catalogue()
                .isReady(request.getName(), request.getVersion())
                .thenApply(ready -> ModelReadyResponse.newBuilder().setReady(ready).build()));
  }

  @Override
  public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> observer) {
    now(
        observer,
        ServerMetadataResponse.newBuilder()
            .setName(Catalogue.NAME)
            .setVersion(Catalogue.serverVersion())
            .addAllExtensions(Catalogue.EXTENSIONS)
            .build());
  }

  @Override
  public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> observer) {
    GrpcAnswers.one(
        "ModelMetadata", observer, () -> oip.catalogue().describe(request.getName(), request.getVersion()).thenApply(GrpcMessages::metadata));
  }

  @Override
  public void modelConfig(ModelConfigRequest request, StreamObserver<ModelConfigResponse> observer) {
    GrpcAnswers.one(
        "ModelConfig",
        observer,
        () ->
            oip.catalogue()
                .describe(request.getName(), request.getVersion())
                .thenApply(description -> ModelConfigResponse.newBuilder().setConfig(GrpcMessages.config(description)).build()));
  }

  @Override
  public void modelStatistics(ModelStatisticsRequest request, StreamObserver<ModelStatisticsResponse> observer) {
    GrpcAnswers.one(
        "ModelStatistics",
        observer,
        () ->
            CompletableFuture.completedStage(
                ModelStatisticsResponse.newBuilder()
                    .addAllModelStats(
                        oip.catalogue().statistics(request.getName(), request.getVersion()).stream().map(GrpcMessages::statistics).toList())
                    .build()));
  }

  /** {@code ModelInfer}, bound by {@link InferMethods}. */
  void infer(GrpcInfer request, StreamObserver<ModelInferResponse> observer) {
    Optional<Duration> patience = patience();
    Caller caller = new Caller();
    GrpcAnswers.one("ModelInfer", observer, caller, () -> infer(request, patience, caller));
  }

  /** {@code ModelStreamInfer}, bound by {@link InferMethods}. */
  StreamObserver<GrpcInfer> inferStream(StreamObserver<ModelStreamInferResponse> observer) {
    boolean statusOnFault = CallHeaders.get("triton_grpc_error").filter("true"::equals).isPresent();
    Optional<Deadline> deadline = Optional.ofNullable(Context.current().getDeadline());
    Caller caller = new Caller();
    return new InferStream(
        (ServerCallStreamObserver<ModelStreamInferResponse>) observer, caller, request -> infer(request, patience(deadline), caller), statusOnFault);
  }

  @Override
  public void repositoryIndex(RepositoryIndexRequest request, StreamObserver<RepositoryIndexResponse> observer) {
    GrpcAnswers.one(
        "RepositoryIndex",
        observer,
        () ->
            oip.catalogue()
                .index(request.getReady())
                .thenApply(lines -> RepositoryIndexResponse.newBuilder().addAllModels(lines.stream().map(GrpcMessages::index).toList()).build()));
  }

  @Override
  public void repositoryModelLoad(RepositoryModelLoadRequest request, StreamObserver<RepositoryModelLoadResponse> observer) {
    GrpcAnswers.one(
        "RepositoryModelLoad",
        observer,
        () -> {
          checkTrust();
          if (request.getParametersMap().keySet().stream().anyMatch(Catalogue::bringsAModel)) {
            throw Catalogue.notHere(request.getModelName());
          }
          return oip.catalogue().load(request.getModelName()).thenApply(done -> RepositoryModelLoadResponse.getDefaultInstance());
        });
  }

  @Override
  public void repositoryModelUnload(RepositoryModelUnloadRequest request, StreamObserver<RepositoryModelUnloadResponse> observer) {
    GrpcAnswers.one(
        "RepositoryModelUnload",
        observer,
        () -> {
          checkTrust();
          return oip.catalogue().unload(request.getModelName()).thenApply(done -> RepositoryModelUnloadResponse.getDefaultInstance());
        });
  }

  /** Nothing is traced, and this says so; to change it is refused. */
  @Override
  public void traceSetting(TraceSettingRequest request, StreamObserver<TraceSettingResponse> observer) {
    GrpcAnswers.one(
        "TraceSetting",
        observer,
        () -> {
          if (request.getSettingsCount() > 0) {
            throw new Fault(Fault.Kind.UNSUPPORTED, "this server traces nothing");
          }
          var off = TraceSettingResponse.SettingValue.newBuilder().addValue("OFF").build();
          return CompletableFuture.completedStage(TraceSettingResponse.newBuilder().putSettings("trace_level", off).build());
        });
  }

  @Override
  public void logSettings(LogSettingsRequest request, StreamObserver<LogSettingsResponse> observer) {
    GrpcAnswers.one(
        "LogSettings",
        observer,
        () -> {
          if (request.getSettingsCount() > 0) {
            throw new Fault(Fault.Kind.UNSUPPORTED, "the log's settings are the node's configuration");
          }
          return CompletableFuture.completedStage(LogSettingsResponse.getDefaultInstance());
        });
  }

  @Override
  public void systemSharedMemoryStatus(SystemSharedMemoryStatusRequest request, StreamObserver<SystemSharedMemoryStatusResponse> observer) {
    now(observer, SystemSharedMemoryStatusResponse.getDefaultInstance());
  }

  @Override
  public void systemSharedMemoryUnregister(
      SystemSharedMemoryUnregisterRequest request, StreamObserver<SystemSharedMemoryUnregisterResponse> observer) {
    now(observer, SystemSharedMemoryUnregisterResponse.getDefaultInstance());
  }

  @Override
  public void cudaSharedMemoryStatus(CudaSharedMemoryStatusRequest request, StreamObserver<CudaSharedMemoryStatusResponse> observer) {
    now(observer, CudaSharedMemoryStatusResponse.getDefaultInstance());
  }

  @Override
  public void cudaSharedMemoryUnregister(CudaSharedMemoryUnregisterRequest request, StreamObserver<CudaSharedMemoryUnregisterResponse> observer) {
    now(observer, CudaSharedMemoryUnregisterResponse.getDefaultInstance());
  }

  private CompletionStage<ModelInferResponse> infer(GrpcInfer request, Optional<Duration> patience, Caller caller) {
    return switch (request) {
      case GrpcInfer.Received(InferRequest infer, boolean raw) ->
          oip.inference().infer(infer, patience, caller).thenApply(response -> GrpcMessages.response(response, raw));
      case GrpcInfer.Unreadable unreadable -> throw unreadable.fault();
    };
  }

  private void checkTrust() {
    oip.trust().check(CallHeaders.get("authorization"), Optional.empty(), Optional.empty());
  }

  /** How long the caller waits, where it says so. */
  private static Optional<Duration> patience() {
    return patience(Optional.ofNullable(Context.current().getDeadline()));
  }

  private static Optional<Duration> patience(Optional<Deadline> deadline) {
    return deadline.map(end -> Duration.ofNanos(Math.max(1, end.timeRemaining(TimeUnit.NANOSECONDS))));
  }

  private static <T> void now(StreamObserver<T> observer, T message) {
    GrpcAnswers.one("", observer, () -> CompletableFuture.completedStage(message));
  }
}
