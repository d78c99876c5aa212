package io.clipper.wire;

import io.clipper.replica.ModelReplicaActor;
import java.util.List;
import org.apache.pekko.actor.typed.ActorRef;

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
              in -> new ModelReplicaActor.NotPredicted(in.longCount(), in.choice(ModelReplicaActor.Reason.values()), in.text())),
          new Form<>(85, ModelReplicaActor.PredictAlone.class, ReplicaForms::predictAlone, ReplicaForms::predictAlone));

  private ReplicaForms() {}

  private static void predict(WireOutput out, ModelReplicaActor.Predict predict) {
    flight(out, predict.flight(), predict.budgetMicros(), predict.replyTo());
    ModelForms.input(out, predict.input());
  }

  private static void predictAlone(WireOutput out, ModelReplicaActor.PredictAlone predict) {
    flight(out, predict.flight(), predict.budgetMicros(), predict.replyTo());
    ModelForms.input(out, predict.input());
  }

  private static void flight(WireOutput out, long flight, long budgetMicros, ActorRef<ModelReplicaActor.Reply> replyTo) {
    out.longCount(flight);
    out.longCount(Math.max(0, budgetMicros));
    out.actor(replyTo);
  }

  private static ModelReplicaActor.Predict predict(WireInput in) {
    long flight = in.longCount();
    long budgetMicros = in.longCount();
    var replyTo = in.<ModelReplicaActor.Reply>actor();
    return new ModelReplicaActor.Predict(flight, ModelForms.input(in), budgetMicros, replyTo);
  }

  private static ModelReplicaActor.PredictAlone predictAlone(WireInput in) {
    long flight = in.longCount();
    long budgetMicros = in.longCount();
    var replyTo = in.<ModelReplicaActor.Reply>actor();
    return new ModelReplicaActor.PredictAlone(flight, ModelForms.input(in), budgetMicros, replyTo);
  }
}
