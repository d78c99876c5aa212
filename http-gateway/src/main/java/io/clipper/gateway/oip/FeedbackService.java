package io.clipper.gateway.oip;

import io.clipper.application.Applications;
import io.clipper.application.Feedback;
import io.clipper.catalog.Application;
import io.clipper.gateway.Clipper;
import io.clipper.gateway.oip.protocol.FeedbackGrpc;
import io.clipper.gateway.oip.protocol.FeedbackReply;
import io.clipper.gateway.oip.protocol.FeedbackRequest;
import io.clipper.gateway.oip.protocol.FeedbackSummary;
import io.clipper.gateway.oip.protocol.FeedbackTensor;
import io.clipper.model.Labels;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;

/** What became of predictions, one at a time or as a stream. */
final class FeedbackService extends FeedbackGrpc.FeedbackImplBase {
  private final Clipper clipper;

  FeedbackService(Clipper clipper) {
    this.clipper = clipper;
  }

  @Override
  public void update(FeedbackRequest request, StreamObserver<FeedbackReply> observer) {
    GrpcAnswers.one("Update", observer, () -> observe(request).thenApply(FeedbackService::reply));
  }

  @Override
  public StreamObserver<FeedbackRequest> updateAll(StreamObserver<FeedbackSummary> observer) {
    return new FeedbackStream((ServerCallStreamObserver<FeedbackSummary>) observer, this::observe);
  }

  private CompletionStage<Feedback.Receipt> observe(FeedbackRequest request) {
    try {
      return clipper.observe(feedback(request));
    } catch (RuntimeException failed) {
      return CompletableFuture.failedStage(failed);
    }
  }

  private Feedback feedback(FeedbackRequest request) {
    boolean known = clipper.knowsCatalog();
    Application application =
        clipper
            .application(request.getApplication())
            .orElseThrow(
                () ->
                    known
                        ? new Fault(Fault.Kind.NOT_FOUND, "No application with name '%s' exists.".formatted(request.getApplication()))
                        : Fault.of(Applications.starting(), "Update"));
    Feedback.Target target =
        switch (request.getTargetCase()) {
          case QUERY_ID -> new Feedback.OfQuery(queryId(request.getQueryId()));
          case INPUT -> input(request, application);
          case TARGET_NOT_SET -> throw Fault.invalid("feedback has neither query_id nor input");
        };
    return new Feedback(
        application.name(), target, judgement(request), given(request.getContext()), given(request.getFeedbackId()));
  }

  private static long queryId(long id) {
    if (id < 0 || id >= 1L << 53) {
      throw Fault.invalid("query_id %d is outside 0..%d", id, (1L << 53) - 1);
    }
    return id;
  }

  private static Feedback.Target input(FeedbackRequest request, Application application) {
    if (request.getJudgementCase() != FeedbackRequest.JudgementCase.LABEL) {
      throw Fault.invalid("a reward or a loss judges the answer to one query: give its query_id, or a label with the input");
    }
    List<WireTensor> tensors = request.getInput().getTensorsList().stream().map(FeedbackService::tensor).toList();
    Rows rows = Rows.cut(tensors, application.signature());
    if (rows.inputs().size() != 1) {
      throw Fault.invalid("feedback is about one input, not %d", rows.inputs().size());
    }
    return new Feedback.OfInput(rows.inputs().getFirst());
  }

  private static WireTensor tensor(FeedbackTensor tensor) {
    return new WireTensor(
        tensor.getName(), WireTensor.datatype(tensor.getName(), tensor.getDatatype()), tensor.getShapeList(), tensor.getData().asReadOnlyByteBuffer());
  }

  private static Feedback.Judgement judgement(FeedbackRequest request) {
    return switch (request.getJudgementCase()) {
      case LABEL -> new Feedback.Label(Labels.canonical(request.getLabel()));
      case REWARD -> new Feedback.Reward(share("reward", request.getReward()));
      case LOSS -> new Feedback.Loss(share("loss", request.getLoss()));
      case JUDGEMENT_NOT_SET -> throw Fault.invalid("feedback has no label, reward or loss");
    };
  }

  private static double share(String name, double value) {
    if (!(value >= 0 && value <= 1)) {
      throw Fault.invalid("%s is %s, which is outside 0..1", name, value);
    }
    return value;
  }

  private static Optional<String> given(String text) {
    return text.isEmpty() ? Optional.empty() : Optional.of(text);
  }

  private static FeedbackReply reply(Feedback.Receipt receipt) {
    return FeedbackReply.newBuilder().setQueryId(receipt.queryId()).setObserved(receipt.observed()).setModels(receipt.models()).build();
  }
}
