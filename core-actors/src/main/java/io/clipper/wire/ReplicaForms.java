package io.clipper.wire;

import io.clipper.replica.ModelReplicaActor;
import java.util.List;

/** Queries to a copy of a model on another node, and what it answers. */
final class ReplicaForms {
  static final List<Form<?>> ALL =
      List.of(
          new Form<>(80, ModelReplicaActor.Predict.class, ReplicaForms::predict, ReplicaForms::predict),
          new Form<>(
              81,
              ModelReplicaActor.Postpone.class,
              (out, postpone) -> {
                out.longCount(postpone.flight());
                out.longCount(postpone.budgetMicros());
                out.actor(postpone.replyTo());
              },
              in -> new ModelReplicaActor.Postpone(in.longCount(), in.longCount(), in.actor())),
          new Form<>(
              82,
              ModelReplicaActor.Cancel.class,
              (out, cancel) -> {
                out.longCount(cancel.flight());
                out.actor(cancel.replyTo());
              },
              in -> new ModelReplicaActor.Cancel(in.longCount(), in.actor())),
          new Form<>(
              83,
              ModelReplicaActor.Predicted.class,
              (out, predicted) -> {
                out.longCount(predicted.flight());
                ModelForms.output(out, predicted.output());
              },
              in -> new ModelReplicaActor.Predicted(in.longCount(), ModelForms.output(in))),
          new Form<>(
              84,
              ModelReplicaActor.NotPredicted.class,
              (out, not) -> {
                out.longCount(not.flight());
                out.choice(not.reason());
                out.text(not.message());
              },
              in -> new ModelReplicaActor.NotPredicted(in.longCount(), in.choice(ModelReplicaActor.Reason.values()), in.text())));

  private ReplicaForms() {}

  private static void predict(WireOutput out, ModelReplicaActor.Predict predict) {
    out.longCount(predict.flight());
    out.longCount(Math.max(0, predict.budgetMicros()));
    out.actor(predict.replyTo());
    ModelForms.input(out, predict.input());
  }

  private static ModelReplicaActor.Predict predict(WireInput in) {
    long flight = in.longCount();
    long budgetMicros = in.longCount();
    var replyTo = in.<ModelReplicaActor.Reply>actor();
    return new ModelReplicaActor.Predict(flight, ModelForms.input(in), budgetMicros, replyTo);
  }
}
