package io.clipper.application;

import io.clipper.application.Prediction.ModelAnswer;
import io.clipper.catalog.Application;
import io.clipper.certainty.Promise;
import io.clipper.feedback.LoggedQuery;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.feedback.LoggedQuery.Outcome;
import io.clipper.feedback.LoggedQuery.Played;
import io.clipper.model.Input;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.replica.ReplicaRouterActor.Reason;
import io.clipper.selection.Estimate;
import io.clipper.selection.Features;
import io.clipper.selection.Propensity;
import io.clipper.selection.Selection;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** One query on its way: who was asked and what has come back. It belongs to one actor, which alone changes it. */
final class PendingQuery {
  /** Whoever asked. */
  interface Asker {
    /** @param heldNanos since the query was here */
    void answer(Prediction prediction, long heldNanos);
  }

  /** One asked model's part. */
  static final class Part {
    final ModelId model;
    final double probability;
    final double weight;

    /** Asked for learning's sake only: the answer does not wait for it. */
    final boolean benched;

    private boolean cached;
    private @Nullable Outcome outcome;
    private @Nullable Reason failure;
    private String message = "";

    Part(ModelId model, double probability, double weight, boolean benched) {
      this.model = model;
      this.probability = probability;
      this.weight = weight;
      this.benched = benched;
    }

    /** Whether the answer waits for it, or was given without it. */
    boolean isMissing() {
      return !benched && !(outcome instanceof Gave);
    }

    Optional<Output> output() {
      return outcome instanceof Gave gave ? Optional.of(gave.output()) : Optional.empty();
    }
  }

  final long queryId;
  final Application application;
  final Input input;
  final Optional<String> context;
  final List<ModelId> candidates;
  final List<Part> parts;
  final Optional<Played> played;
  final Features features;

  /** What the parts' probabilities are worth. */
  final Propensity propensity;

  /** What they are counted from, where they are to be counted. */
  final Optional<Estimate> estimate;

  /** What labels had taught of combining and of certainty when it was asked. */
  final Optional<Assurance> assurance;

  /** What had been learned of its context besides. */
  final OfContext ofContext;

  final Asker asker;

  /** Feedback that came while late answers were still awaited. */
  final List<ApplicationActor.Observe> feedback = new ArrayList<>();

  private List<ModelId> winners = List.of();
  private Optional<Promise> promise = Optional.empty();
  private boolean forFeedback;
  private boolean answered;
  private DeadlineClock.@Nullable Deadline deadline;
  private long arrivedNanos;
  private long answerByNanos;
  private int outstanding;
  private int awaited;

  /** One that asks all of them for the sake of learning, and plays none. */
  PendingQuery(
      long queryId,
      Application application,
      Input input,
      Optional<String> context,
      List<ModelId> candidates,
      List<Part> parts,
      Asker asker) {
    this(
        queryId,
        application,
        input,
        context,
        candidates,
        parts,
        new Selection(List.of(), Optional.empty()),
        Features.NONE,
        Optional.empty(),
        OfContext.NONE,
        asker);
  }

  /** @param parts one for each that the selection asks, in its order */
  PendingQuery(
      long queryId,
      Application application,
      Input input,
      Optional<String> context,
      List<ModelId> candidates,
      List<Part> parts,
      Selection selection,
      Features features,
      Optional<Assurance> assurance,
      OfContext ofContext,
      Asker asker) {
    this.queryId = queryId;
    this.application = application;
    this.input = input;
    this.context = context;
    this.candidates = candidates;
    this.parts = parts;
    this.played = played(selection);
    this.features = features;
    this.propensity = selection.propensity();
    this.estimate = selection.estimate();
    this.assurance = assurance;
    this.ofContext = ofContext;
    this.asker = asker;
    this.outstanding = parts.size();
    for (Part part : parts) {
      if (!part.benched) {
        awaited++;
      }
    }
  }

  /** An answer from the cache. */
  void known(Part part, Output output) {
    part.cached = true;
    settle(part, new Gave(output, false));
  }

  /**
   * An answer from a replica; false if that model's part was settled before. One that the answer did not wait for is not late for that: it
   * is late after the time.
   */
  boolean arrived(ModelId model, Output output, long nowNanos) {
    return settle(model, new Gave(output, !isInTime(nowNanos)), "");
  }

  /** Whether a model that answers now answers while it counts. */
  boolean isInTime(long nowNanos) {
    return !answered || forFeedback || nowNanos - answerByNanos <= 0;
  }

  /** No answer from a replica, and why; false if that model's part was settled before. */
  boolean failed(ModelId model, Reason reason, String message) {
    Part part = part(model);
    if (part != null) {
      part.failure = reason;
    }
    return settle(model, outcome(reason), message);
  }

  /** What never left our own queue says nothing of the model. */
  private static Outcome outcome(Reason reason) {
    return switch (reason) {
      case OVERLOADED, EXPIRED -> new NotAdmitted();
      case FAILED, TOO_SLOW, NO_REPLICA -> new Missing();
    };
  }

  /** Whether everybody whose answer counts has answered. */
  boolean isComplete() {
    return awaited == 0;
  }

  /** Whether nobody at all is still to answer. */
  boolean isSettled() {
    return outstanding == 0;
  }

  boolean isAnswered() {
    return answered;
  }

  /** The answer from what has come, which is given once. */
  Prediction answer() {
    answered = true;
    Answer answer = Answer.of(application, parts, played.map(Played::model), assurance, ofContext.tracker());
    winners = answer.winners();
    promise = answer.promise();
    List<ModelAnswer> models = new ArrayList<>(parts.size());
    for (Part part : parts) {
      models.add(new ModelAnswer(part.model, part.output(), part.weight, part.cached, part.outcome == null));
    }
    return answer.prediction(queryId, models, ofContext.unread());
  }

  /** No client waits: the models are asked for the sake of feedback on this input. */
  void isForFeedback(ApplicationActor.Observe observe) {
    answered = true;
    forFeedback = true;
    feedback.add(observe);
  }

  /** What is kept of it; whoever has not answered by now is missing. */
  LoggedQuery logged() {
    List<Asked> asked = new ArrayList<>(parts.size());
    for (Part part : parts) {
      asked.add(new Asked(part.model, part.probability, part.outcome == null ? new Missing() : part.outcome));
    }
    return new LoggedQuery(application.name(), queryId, context, asked, played, winners, candidates, features, propensity, promise, estimate);
  }

  /** Why a part gave nothing, where it is known. */
  static Optional<Reason> failureOf(Part part) {
    return Optional.ofNullable(part.failure);
  }

  static String messageOf(Part part) {
    return part.message;
  }

  static boolean isOutstanding(Part part) {
    return part.outcome == null;
  }

  boolean isForFeedback() {
    return forFeedback;
  }

  void arrivedAt(long nanos) {
    arrivedNanos = nanos;
  }

  /** For how long it has been here. */
  long heldNanos(long nowNanos) {
    return nowNanos - arrivedNanos;
  }

  /** When whoever asked is answered, with whatever has come. */
  void answerBy(long nanos) {
    answerByNanos = nanos;
  }

  /** The one time at which something is due for it. */
  void deadline(DeadlineClock.Deadline next) {
    deadline = next;
  }

  void cancelDeadline() {
    if (deadline != null) {
      deadline.cancel();
    }
  }

  /** Those that have not answered. */
  List<ModelId> silentModels() {
    List<ModelId> silent = new ArrayList<>();
    for (Part part : parts) {
      if (part.outcome == null) {
        silent.add(part.model);
      }
    }
    return silent;
  }

  private static Optional<Played> played(Selection selection) {
    if (selection.played().isPresent()) {
      ModelId drawn = selection.played().get();
      for (Selection.Choice choice : selection.asked()) {
        if (choice.model().equals(drawn)) {
          return Optional.of(new Played(drawn, choice.weight()));
        }
      }
    }
    return Optional.empty();
  }

  private boolean settle(ModelId model, Outcome outcome, String message) {
    Part part = part(model);
    if (part == null || part.outcome != null) {
      return false;
    }
    part.message = message;
    settle(part, outcome);
    return true;
  }

  private void settle(Part part, Outcome outcome) {
    part.outcome = outcome;
    outstanding--;
    if (!part.benched) {
      awaited--;
    }
  }

  private @Nullable Part part(ModelId model) {
    for (Part part : parts) {
      if (part.model.equals(model)) {
        return part;
      }
    }
    return null;
  }
}
