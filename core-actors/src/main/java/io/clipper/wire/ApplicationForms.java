package io.clipper.wire;

import io.clipper.Refused;
import io.clipper.ReplyTo;
import io.clipper.application.ApplicationActor;
import io.clipper.application.Feedback;
import io.clipper.application.Learned;
import io.clipper.application.LearnedState;
import io.clipper.application.Prediction;
import io.clipper.application.Query;
import io.clipper.selection.Features;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.OptionalLong;

/** Queries and feedback to a loop on another node, and what it answers. */
final class ApplicationForms {
  static final List<Form<?>> ALL =
      List.of(
          new Form<>(75, Learned.class, (out, learned) -> out.block(learned.ledger().duplicate()), in -> new Learned(ByteBuffer.wrap(in.block()))),
          new Form<>(48, ApplicationActor.Predict.class, ApplicationForms::predict, ApplicationForms::predict),
          new Form<>(
              49,
              ApplicationActor.Observe.class,
              (out, observe) -> {
                feedback(out, observe.feedback());
                out.actor(observe.replyTo());
              },
              in -> new ApplicationActor.Observe(feedback(in), in.actor())),
          new Form<>(
              50,
              ApplicationActor.GetState.class,
              (out, getState) -> {
                out.optional(getState.context(), WireOutput::text);
                out.actor(getState.replyTo());
              },
              in -> new ApplicationActor.GetState(in.optional(WireInput::text), in.actor())),
          new Form<>(51, ApplicationActor.Wake.class, (out, wake) -> out.actor(wake.replyTo()), in -> new ApplicationActor.Wake(in.actor())),
          new Form<>(
              52,
              ApplicationActor.Predicted.class,
              ApplicationForms::predictedUntold,
              in -> new ApplicationActor.Predicted(in.number(), prediction(in), OptionalLong.empty())),
          new Form<>(
              52,
              3,
              ApplicationActor.Predicted.class,
              (out, predicted) -> {
                predictedUntold(out, predicted);
                out.span(predicted.heldNanos());
              },
              in -> new ApplicationActor.Predicted(in.number(), prediction(in), in.span())),
          new Form<>(
              53,
              ApplicationActor.NotServed.class,
              (out, not) -> notServed(out, not, ModelForms.asKnownToTheFirst(not.reason())),
              ApplicationForms::notServed),
          new Form<>(53, 2, ApplicationActor.NotServed.class, (out, not) -> notServed(out, not, not.reason()), ApplicationForms::notServed),
          new Form<>(
              54,
              Feedback.Receipt.class,
              (out, receipt) -> {
                out.number(receipt.queryId());
                out.writeBoolean(receipt.observed());
                out.count(receipt.models());
              },
              in -> new Feedback.Receipt(in.number(), in.readBoolean(), in.count())),
          new Form<>(55, LearnedState.class, ApplicationForms::learnedByOne, in -> learned(in, false)),
          new Form<>(55, 2, LearnedState.class, ApplicationForms::learned, in -> learned(in, true)),
          new Form<>(56, Prediction.class, ApplicationForms::prediction, ApplicationForms::prediction),
          new Form<>(
              57, Feedback.OfQuery.class, (out, target) -> out.longCount(target.queryId()), in -> new Feedback.OfQuery(in.longCount())),
          new Form<>(
              58,
              Feedback.OfInput.class,
              (out, target) -> ModelForms.input(out, target.input()),
              in -> new Feedback.OfInput(ModelForms.input(in))),
          new Form<>(59, Feedback.Label.class, (out, label) -> out.text(label.label()), in -> new Feedback.Label(in.text())),
          new Form<>(
              60, Feedback.Reward.class, (out, reward) -> out.writeDouble(reward.reward()), in -> new Feedback.Reward(in.readDouble())),
          new Form<>(61, Feedback.Loss.class, (out, loss) -> out.writeDouble(loss.loss()), in -> new Feedback.Loss(in.readDouble())),
          new Form<>(
              62,
              ApplicationActor.Withdraw.class,
              (out, withdraw) -> {
                out.number(withdraw.correlation());
                asker(out, withdraw.replyTo());
              },
              in -> new ApplicationActor.Withdraw(in.number(), new ReplyTo.There<>(in.actor()))));

  private ApplicationForms() {}

  /** Without for how long it was held. */
  private static void predictedUntold(WireOutput out, ApplicationActor.Predicted predicted) {
    out.number(predicted.correlation());
    prediction(out, predicted.prediction());
  }

  private static void notServed(WireOutput out, ApplicationActor.NotServed not, Refused.Reason reason) {
    out.number(not.correlation());
    out.choice(reason);
    out.text(not.message());
  }

  private static ApplicationActor.NotServed notServed(WireInput in) {
    return new ApplicationActor.NotServed(in.number(), in.choice(Refused.Reason.values()), in.text());
  }

  private static void predict(WireOutput out, ApplicationActor.Predict predict) {
    out.deadline(predict.deadlineNanos());
    out.number(predict.correlation());
    asker(out, predict.replyTo());
    query(out, predict.query());
  }

  private static void asker(WireOutput out, ReplyTo<ApplicationActor.Reply> replyTo) {
    switch (replyTo) {
      case ReplyTo.There<ApplicationActor.Reply> there -> out.actor(there.actor());
      case ReplyTo.Here<ApplicationActor.Reply> here -> throw new IllegalArgumentException("an answer to this JVM cannot come from another");
    }
  }

  private static ApplicationActor.Predict predict(WireInput in) {
    long deadlineNanos = in.deadline();
    long correlation = in.number();
    var replyTo = new ReplyTo.There<ApplicationActor.Reply>(in.actor());
    return new ApplicationActor.Predict(query(in), deadlineNanos, correlation, replyTo);
  }

  private static void query(WireOutput out, Query query) {
    out.text(query.application());
    ModelForms.input(out, query.input());
    out.optional(query.context(), WireOutput::text);
    out.optional(query.budget(), WireOutput::duration);
    out.optional(query.version(), WireOutput::text);
    double[] features = query.features().toArray();
    out.count(features.length);
    for (double feature : features) {
      out.writeDouble(feature);
    }
  }

  private static Query query(WireInput in) {
    return new Query(
        in.text(),
        ModelForms.input(in),
        in.optional(WireInput::text),
        in.optional(WireInput::duration),
        in.optional(WireInput::text),
        Features.of(in.doubles()));
  }

  private static void prediction(WireOutput out, Prediction prediction) {
    out.number(prediction.queryId());
    ModelForms.output(out, prediction.output());
    out.optional(prediction.defaultReason(), WireOutput::text);
    out.writeBoolean(prediction.refused());
    out.optional(prediction.agreement());
    out.optional(prediction.confidence());
    out.list(
        prediction.models(),
        (to, answer) -> {
          ModelForms.model(to, answer.model());
          to.optional(answer.output(), ModelForms::output);
          to.writeDouble(answer.weight());
          to.writeBoolean(answer.cached());
          to.writeBoolean(answer.late());
        });
    out.optional(prediction.rejected(), ModelForms::output);
    out.optional(prediction.certainty(), CertaintyForms::certainty);
    out.writeBoolean(prediction.contextUnread());
  }

  private static Prediction prediction(WireInput in) {
    return new Prediction(
        in.number(),
        ModelForms.output(in),
        in.optional(WireInput::text),
        in.readBoolean(),
        in.optionalDouble(),
        in.optionalDouble(),
        in.list(
            from ->
                new Prediction.ModelAnswer(
                    ModelForms.model(from), from.optional(ModelForms::output), from.readDouble(), from.readBoolean(), from.readBoolean())),
        in.optional(ModelForms::output),
        in.optional(CertaintyForms::certainty),
        in.readBoolean());
  }

  private static void feedback(WireOutput out, Feedback feedback) {
    out.text(feedback.application());
    out.any(feedback.target());
    out.any(feedback.judgement());
    out.optional(feedback.context(), WireOutput::text);
    out.optional(feedback.feedbackId(), WireOutput::text);
  }

  private static Feedback feedback(WireInput in) {
    return new Feedback(
        in.text(), in.any(Feedback.Target.class), in.any(Feedback.Judgement.class), in.optional(WireInput::text), in.optional(WireInput::text));
  }

  private static void learned(WireOutput out, LearnedState learned) {
    learnedByOne(out, learned);
    out.list(
        learned.partitions(),
        (to, partition) -> {
          to.count(partition.partition());
          to.text(partition.node());
          to.longCount(partition.observations());
        });
  }

  /** Of an application whose partitions it does not tell. */
  private static void learnedByOne(WireOutput out, LearnedState learned) {
    out.text(learned.policy());
    out.longCount(learned.observations());
    out.list(
        learned.candidates(),
        (to, candidate) -> {
          ModelForms.model(to, candidate.model());
          to.writeDouble(candidate.weight());
          to.longCount(candidate.observations());
          to.optional(candidate.meanLoss());
        });
    out.optional(learned.assured(), CertaintyForms::assured);
    out.list(learned.changes(), CertaintyForms::changed);
  }

  private static LearnedState learned(WireInput in, boolean withPartitions) {
    return new LearnedState(
        in.text(),
        in.longCount(),
        in.list(
            from -> new LearnedState.CandidateState(ModelForms.model(from), from.readDouble(), from.longCount(), from.optionalDouble())),
        in.optional(CertaintyForms::assured),
        in.list(CertaintyForms::changed),
        withPartitions ? in.list(from -> new LearnedState.PartitionState(from.count(), from.text(), from.longCount())) : List.of());
  }
}
