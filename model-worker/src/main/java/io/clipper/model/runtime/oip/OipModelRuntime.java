package io.clipper.model.runtime.oip;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.Signature;
import io.clipper.model.runtime.CopyLostException;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.RemoteRuntime;
import io.clipper.model.runtime.batch.BatchStacking;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceBlockingStub;
import io.clipper.model.runtime.oip.protocol.GRPCInferenceServiceGrpc.GRPCInferenceServiceStub;
import io.clipper.model.runtime.oip.protocol.ModelConfig;
import io.clipper.model.runtime.oip.protocol.ModelConfigRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferRequest;
import io.clipper.model.runtime.oip.protocol.ModelInferResponse;
import io.clipper.model.runtime.oip.protocol.ModelMetadataRequest;
import io.clipper.model.runtime.oip.protocol.ModelMetadataResponse;
import io.clipper.model.runtime.oip.protocol.ModelReadyRequest;
import io.clipper.model.runtime.oip.protocol.ModelReadyResponse;
import io.clipper.model.runtime.oip.protocol.ServerMetadataRequest;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** A model of a server of the protocol, over one HTTP/2 connection. */
public final class OipModelRuntime implements RemoteRuntime {
  /** For a batch whose asker names no deadline, such as a warm-up. */
  private static final Duration UNHURRIED = Duration.ofMinutes(5);

  /** What a server says that has no such method is up to its framework; these it has not said. */
  private static final Set<Status.Code> UNREACHED = Set.of(Status.Code.DEADLINE_EXCEEDED, Status.Code.UNAVAILABLE);

  private static final Pattern TOO_LARGE = Pattern.compile("larger than max|exceeds maximum size", Pattern.CASE_INSENSITIVE);

  private final String target;
  private final String model;
  private final String version;
  private final ManagedChannel channel;
  private final RemoteModel remote;
  /** None where each batch is a call of its own. */
  private final Optional<? extends Lanes> lanes;
  /** Of a request's tensors: less than a message may have once the server, or this end of the connection, has refused one. */
  private final AtomicLong mostBytes = new AtomicLong(RemoteModel.MOST_BYTES);
  private final CompletableFuture<CopyLostException> lost = new CompletableFuture<>();

  private OipModelRuntime(
      String target, String model, String version, ManagedChannel channel, RemoteModel remote, Optional<? extends Lanes> lanes) {
    this.target = target;
    this.model = model;
    this.version = version;
    this.channel = channel;
    this.remote = remote;
    this.lanes = lanes;
  }

  /**
   * Blocks until the server has said what its model takes.
   *
   * @param version empty: whichever the server has in use
   * @param declared what the model takes, for a server that does not say
   * @throws ModelLoadException in the server's words
   */
  public static OipModelRuntime connect(String target, String model, String version, Optional<Signature> declared, Duration timeout)
      throws ModelLoadException {
    return connect(target, model, version, declared, timeout, false);
  }

  /** @param passThrough whether each row goes as a request of its own, for the server to gather */
  public static OipModelRuntime connect(
      String target, String model, String version, Optional<Signature> declared, Duration timeout, boolean passThrough)
      throws ModelLoadException {
    ManagedChannel channel;
    try {
      channel = Transport.channel(target);
    } catch (IllegalArgumentException malformed) {
      throw new ModelLoadException(String.valueOf(malformed.getMessage()), malformed);
    }
    try {
      GRPCInferenceServiceBlockingStub server =
          GRPCInferenceServiceGrpc.newBlockingStub(channel).withWaitForReady().withDeadlineAfter(timeout.toNanos(), TimeUnit.NANOSECONDS);
      ModelMetadataResponse metadata = server.modelMetadata(ModelMetadataRequest.newBuilder().setName(model).setVersion(version).build());
      RemoteModel remote = RemoteModel.of(metadata, version, config(server, model, version), declared, passThrough);
      Optional<Lanes> lanes = passThrough ? Optional.empty() : lanes(target, channel, extensions(server));
      return new OipModelRuntime(target, model, version, channel, remote, lanes);
    } catch (StatusRuntimeException refused) {
      // What gRPC says then is a stack trace in a line of its own making.
      boolean unreached = refused.getStatus().getCode() == Status.Code.DEADLINE_EXCEEDED && channel.getState(false) != ConnectivityState.READY;
      channel.shutdownNow();
      throw new ModelLoadException(
          "the server at %s: %s".formatted(target, unreached ? "no connection within %d ms".formatted(timeout.toMillis()) : words(refused)), refused);
    } catch (ModelLoadException | RuntimeException unfit) {
      channel.shutdownNow();
      throw unfit;
    }
  }

  private static Optional<Lanes> lanes(String target, ManagedChannel channel, List<String> extensions) {
    Optional<Path> socket = Frames.beside(target).filter(there -> extensions.contains(Frames.EXTENSION));
    if (socket.isPresent()) {
      return Optional.of(new InferFrames(socket.get()));
    }
    return extensions.contains(InferStreams.EXTENSION)
        ? Optional.of(new InferStreams(GRPCInferenceServiceGrpc.newStub(channel)))
        : Optional.empty();
  }

  @Override
  public Signature signature() {
    return remote.stacking().signature();
  }

  /** A server that is sent row by row gathers them within its bound by itself. */
  @Override
  public OptionalInt maxBatchRows() {
    return remote.passThrough() ? OptionalInt.empty() : remote.maxBatchRows();
  }

  /** Who gathers the batches, where that is a question: two schedulers in a row wait twice. */
  @Override
  public Optional<String> remark() {
    if (remote.passThrough()) {
      String who = remote.batchesByItself() ? "the server at %s gathers the batches of '%s'" : "the server at %s does not say that it gathers batches of '%s'";
      return Optional.of((who + ": each query goes there by itself").formatted(target, model));
    }
    return remote.batchesByItself()
        ? Optional.of("the server at %s gathers batches of '%s' by itself, behind the node's: deploy with --pass-through, or turn it off there".formatted(target, model))
        : Optional.empty();
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch) {
    return predict(batch, UNHURRIED);
  }

  @Override
  public CompletionStage<List<Output>> predict(List<Input> batch, Duration budget) {
    Output[] outputs = new Output[batch.size()];
    List<CompletableFuture<?>> answers = new ArrayList<>();
    long deadline = System.nanoTime() + budget.toNanos();
    for (BatchStacking.Run run : remote.runs(batch, mostBytes.get())) {
      answers.add(infer(run, deadline).thenAccept(read -> put(read, run.rows(), outputs)));
    }
    return CompletableFuture.allOf(answers.toArray(CompletableFuture<?>[]::new)).thenApply(done -> Arrays.asList(outputs));
  }

  @Override
  public CompletionStage<Boolean> isReady(Duration timeout) {
    return saysReady(timeout).thenApply(said -> said.orElse(false));
  }

  /** The same; empty where the server gives no answer. */
  public CompletionStage<Optional<Boolean>> saysReady(Duration timeout) {
    Unary<ModelReadyResponse> answer = new Unary<>();
    stub(timeout).modelReady(ModelReadyRequest.newBuilder().setName(model).setVersion(version).build(), answer);
    return answer.future().handle((ready, failure) -> failure == null ? Optional.of(ready.getReady()) : Optional.empty());
  }

  @Override
  public CompletionStage<CopyLostException> lost() {
    return lost.copy();
  }

  @Override
  public void giveUp(String reason) {
    lost.complete(new CopyLostException(reason));
    close();
  }

  @Override
  public void close() {
    channel.shutdownNow();
    lanes.ifPresent(Lanes::close);
  }

  private CompletableFuture<List<Output>> infer(BatchStacking.Run run, long deadline) {
    int rows = run.rows().size();
    return answer(InferRequests.request(model, version, run), deadline)
        .thenApply(response -> InferResponses.outputs(response, rows))
        .exceptionallyCompose(
            failure -> {
              Throwable cause = cause(failure);
              return rows > 1 && isTooLarge(cause) ? inHalves(run, deadline) : CompletableFuture.failedFuture(described(cause));
            });
  }

  /** What ended a lane for reasons of its own is asked by a call, whose status says whether there is anything wrong with it. */
  private CompletableFuture<ModelInferResponse> answer(ModelInferRequest request, long deadline) {
    return lanes
        .flatMap(open -> open.infer(request, until(deadline)))
        .map(answer -> answer.exceptionallyCompose(failure -> isOfTheLane(cause(failure)) ? call(request, deadline) : CompletableFuture.failedFuture(failure)))
        .orElseGet(() -> call(request, deadline));
  }

  private CompletableFuture<ModelInferResponse> call(ModelInferRequest request, long deadline) {
    Unary<ModelInferResponse> answer = new Unary<>();
    stub(until(deadline)).modelInfer(request, answer);
    return answer.future();
  }

  private static Duration until(long deadline) {
    return Duration.ofNanos(deadline - System.nanoTime());
  }

  private static Throwable cause(Throwable failure) {
    return failure instanceof CompletionException ? Objects.requireNonNull(failure.getCause()) : failure;
  }

  /** What a server's own limit on messages refuses; later requests stay below it from the start. */
  private CompletableFuture<List<Output>> inHalves(BatchStacking.Run run, long deadline) {
    mostBytes.accumulateAndGet(RemoteModel.bytes(run) / 2, Math::min);
    List<CompletableFuture<List<Output>>> halves = RemoteModel.halves(run).stream().map(half -> infer(half, deadline)).toList();
    return halves.get(0).thenCombine(halves.get(1), (first, second) -> Stream.concat(first.stream(), second.stream()).toList());
  }

  private GRPCInferenceServiceStub stub(Duration budget) {
    return GRPCInferenceServiceGrpc.newStub(channel).withDeadlineAfter(budget.toNanos(), TimeUnit.NANOSECONDS);
  }

  /** The model's own words where it refused; that the copy is gone where the connection is. */
  private RuntimeException described(Throwable failure) {
    if (!(failure instanceof StatusRuntimeException refused)) {
      return failure instanceof RuntimeException own ? own : new IllegalStateException(failure);
    }
    if (lost.isDone()) {
      return lost.join();
    }
    if (isDisconnected(refused)) {
      return new CopyLostException("the connection to %s is gone: %s".formatted(target, words(refused)));
    }
    return new IllegalStateException(words(refused));
  }

  /** By the words of gRPC's libraries: its code is that of any want, an overloaded server's too. */
  private static boolean isTooLarge(Throwable failure) {
    return failure instanceof StatusRuntimeException refused
        && refused.getStatus().getCode() == Status.Code.RESOURCE_EXHAUSTED
        && TOO_LARGE.matcher(words(refused)).find();
  }

  /** The server has no room for one more, or ends those that it has. */
  private static boolean isOfTheLane(Throwable failure) {
    return failure instanceof StatusRuntimeException ended && ended.getStatus().getCode() == Status.Code.CANCELLED;
  }

  /** A server that refuses for now says so over a connection that stands. Of one that ended as the call began gRPC says that it does not know why. */
  private boolean isDisconnected(StatusRuntimeException refused) {
    Status status = refused.getStatus();
    return status.getCause() instanceof ClosedChannelException
        || (status.getCode() == Status.Code.UNAVAILABLE && (status.getCause() != null || channel.getState(false) != ConnectivityState.READY));
  }

  private static void put(List<Output> read, List<Integer> rows, Output[] outputs) {
    for (int i = 0; i < read.size(); i++) {
      outputs[rows.get(i)] = read.get(i);
    }
  }

  /** Servers without this extension answer that they do not know it, or with what their framework says instead. */
  private static Optional<ModelConfig> config(GRPCInferenceServiceBlockingStub server, String model, String version) {
    try {
      return Optional.of(server.modelConfig(ModelConfigRequest.newBuilder().setName(model).setVersion(version).build()).getConfig());
    } catch (StatusRuntimeException unknown) {
      return Optional.empty();
    }
  }

  /** None where the server does not say. */
  private static List<String> extensions(GRPCInferenceServiceBlockingStub server) {
    try {
      return server.serverMetadata(ServerMetadataRequest.getDefaultInstance()).getExtensionsList();
    } catch (StatusRuntimeException failed) {
      if (UNREACHED.contains(failed.getStatus().getCode())) {
        throw failed;
      }
      return List.of();
    }
  }

  private static String words(StatusRuntimeException refused) {
    Status status = refused.getStatus();
    String said = status.getDescription();
    Throwable cause = status.getCause();
    String words = said == null || said.isBlank() ? status.getCode().name() : said;
    return cause == null || cause.getMessage() == null || words.contains(cause.getMessage()) ? words : words + ": " + cause.getMessage();
  }
}
