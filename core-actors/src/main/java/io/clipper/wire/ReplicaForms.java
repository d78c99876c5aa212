package io.clipper.wire;

import io.clipper.cache.CacheCleared;
import io.clipper.replica.Leaving;
import io.clipper.replica.ModelReplicaActor;
import io.clipper.replica.Placed;
import io.clipper.replica.Placement;
import io.clipper.replica.ReplicaStatus;
import io.clipper.replica.Running;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.apache.pekko.actor.typed.ActorRef;

/** Queries to a copy of a model on another node, what it answers, and what nodes tell of their copies. */
final class ReplicaForms {
  static final List<Form<?>> ALL =
      List.of(
          new Form<>(80, ModelReplicaActor.Predict.class, ReplicaForms::predict, ReplicaForms::predict),
          new Form<>(
              81,
              ModelReplicaActor.Postpone.class,
              (out, postpone) -> {
                out.longCount(postpone.flight());
                out.deadline(postpone.deadlineNanos());
                out.actor(postpone.replyTo());
              },
              in -> new ModelReplicaActor.Postpone(in.longCount(), in.deadline(), in.actor())),
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
              ReplicaForms::predictedUntold,
              in -> new ModelReplicaActor.Predicted(in.longCount(), ModelForms.output(in), OptionalLong.empty())),
          new Form<>(
              83,
              3,
              ModelReplicaActor.Predicted.class,
              (out, predicted) -> {
                predictedUntold(out, predicted);
                out.span(predicted.heldNanos());
              },
              in -> new ModelReplicaActor.Predicted(in.longCount(), ModelForms.output(in), in.span())),
          new Form<>(
              84,
              ModelReplicaActor.NotPredicted.class,
              (out, not) -> notPredicted(out, not, asKnownToTheFirst(not.reason())),
              ReplicaForms::notPredicted),
          new Form<>(84, 2, ModelReplicaActor.NotPredicted.class, (out, not) -> notPredicted(out, not, not.reason()), ReplicaForms::notPredicted),
          new Form<>(85, ModelReplicaActor.PredictAlone.class, ReplicaForms::predictAlone, ReplicaForms::predictAlone),
          new Form<>(
              69,
              Running.class,
              (out, running) -> out.list(running.copies(), ReplicaForms::copy),
              in -> new Running(in.list(ReplicaForms::copy))),
          new Form<>(70, Placed.class, ReplicaForms::placed, ReplicaForms::placed),
          new Form<>(71, CacheCleared.class, (out, cleared) -> out.longCount(cleared.number()), in -> new CacheCleared(in.longCount())),
          new Form<>(123, Leaving.class, (out, leaving) -> {}, in -> new Leaving()));

  private ReplicaForms() {}

  /** Without for how long it was held. */
  private static void predictedUntold(WireOutput out, ModelReplicaActor.Predicted predicted) {
    out.longCount(predicted.flight());
    ModelForms.output(out, predicted.output());
  }

  private static void notPredicted(WireOutput out, ModelReplicaActor.NotPredicted not, ModelReplicaActor.Reason reason) {
    out.longCount(not.flight());
    out.choice(reason);
    out.text(not.message());
  }

  private static ModelReplicaActor.NotPredicted notPredicted(WireInput in) {
    return new ModelReplicaActor.NotPredicted(in.longCount(), in.choice(ModelReplicaActor.Reason.values()), in.text());
  }

  /** To a release that does not know that a model may be too slow or hang, it has failed. */
  private static ModelReplicaActor.Reason asKnownToTheFirst(ModelReplicaActor.Reason reason) {
    return switch (reason) {
      case TOO_SLOW, UNRETURNED, BLOCKED -> ModelReplicaActor.Reason.FAILED;
      case EXPIRED, OVERLOADED, FAILED, STOPPED, LOST -> reason;
    };
  }

  private static void copy(WireOutput out, Running.Copy copy) {
    ReplicaStatus status = copy.status();
    ModelForms.model(out, status.model());
    out.count(status.replica());
    out.choice(status.state());
    out.count(status.restarts());
    out.optional(status.lastError(), WireOutput::text);
    out.count(status.queued());
    out.count(status.batchLimit());
    out.optional(status.remark(), WireOutput::text);
    out.optional(copy.ref(), WireOutput::actor);
  }

  private static Running.Copy copy(WireInput in) {
    ReplicaStatus status =
        new ReplicaStatus(
            ModelForms.model(in),
            in.count(),
            in.choice(ReplicaStatus.State.values()),
            in.count(),
            in.optional(WireInput::text),
            in.count(),
            in.count(),
            in.optional(WireInput::text));
    return new Running.Copy(status, in.optional(from -> from.<ModelReplicaActor.Command>actor()));
  }

  private static void placed(WireOutput out, Placed placed) {
    out.list(placed.placement().nodes(), WireOutput::text);
    out.map(placed.placement().nodeOf(), WireOutput::text);
  }

  private static Placed placed(WireInput in) {
    return new Placed(new Placement(Set.copyOf(in.list(WireInput::text)), in.map(WireInput::text)));
  }

  private static void predict(WireOutput out, ModelReplicaActor.Predict predict) {
    flight(out, predict.flight(), predict.deadlineNanos(), predict.replyTo());
    ModelForms.input(out, predict.input());
  }

  private static void predictAlone(WireOutput out, ModelReplicaActor.PredictAlone predict) {
    flight(out, predict.flight(), predict.deadlineNanos(), predict.replyTo());
    ModelForms.input(out, predict.input());
  }

  private static void flight(WireOutput out, long flight, long deadlineNanos, ActorRef<ModelReplicaActor.Reply> replyTo) {
    out.longCount(flight);
    out.deadline(deadlineNanos);
    out.actor(replyTo);
  }

  private static ModelReplicaActor.Predict predict(WireInput in) {
    long flight = in.longCount();
    long deadlineNanos = in.deadline();
    var replyTo = in.<ModelReplicaActor.Reply>actor();
    return new ModelReplicaActor.Predict(flight, ModelForms.input(in), deadlineNanos, replyTo);
  }

  private static ModelReplicaActor.PredictAlone predictAlone(WireInput in) {
    long flight = in.longCount();
    long deadlineNanos = in.deadline();
    var replyTo = in.<ModelReplicaActor.Reply>actor();
    return new ModelReplicaActor.PredictAlone(flight, ModelForms.input(in), deadlineNanos, replyTo);
  }
}
