package io.clipper.model.runtime.oip;

import static java.util.concurrent.TimeUnit.SECONDS;

import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceImplBase;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse.TensorMetadata;
import io.clipper.model.runtime.oip.protocol.ServerMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ServerMetadataResponse;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;

/** Adds up each row, of whatever is asked by a call, and says that it may be asked otherwise too. */
class SumsWorker extends GRPCInferenceServiceImplBase {
  static final ModelId ID = new ModelId("m", "1");

  final AtomicInteger calls = new AtomicInteger();
  private final List<String> extensions;

  SumsWorker(String... extensions) {
    this.extensions = List.of(extensions);
  }

  @Override
  public void serverMetadata(ServerMetadataRequest request, StreamObserver<ServerMetadataResponse> caller) {
    caller.onNext(ServerMetadataResponse.newBuilder().addAllExtensions(extensions).build());
    caller.onCompleted();
  }

  @Override
  public void modelMetadata(ModelMetadataRequest request, StreamObserver<ModelMetadataResponse> caller) {
    TensorMetadata input = TensorMetadata.newBuilder().setName("x").setDatatype("FP64").addShape(-1).addShape(-1).build();
    caller.onNext(ModelMetadataResponse.newBuilder().setName(ID.name()).addVersions(ID.version()).addInputs(input).build());
    caller.onCompleted();
  }

  @Override
  public void modelInfer(ModelInferRequest request, StreamObserver<ModelInferResponse> caller) {
    calls.incrementAndGet();
    caller.onNext(sums(request));
    caller.onCompleted();
  }

  static ModelInferResponse sums(ModelInferRequest request) {
    List<Output> sums = InferRequests.rows(request).stream().map(row -> Output.of(sum(row))).toList();
    return InferResponses.response(ID.name(), ID.version(), "", sums);
  }

  /** The first row's. */
  static double number(CompletionStage<List<Output>> asked) throws Exception {
    return asked.toCompletableFuture().get(10, SECONDS).getFirst().number().orElseThrow();
  }

  private static double sum(Input row) {
    return IntStream.range(0, Math.toIntExact(row.first().elements())).mapToDouble(row.first()::doubleAt).sum();
  }
}
