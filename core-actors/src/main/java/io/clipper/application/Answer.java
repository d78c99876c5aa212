package io.clipper.application;

import io.clipper.application.PendingQuery.Part;
import io.clipper.application.Prediction.ModelAnswer;
import io.clipper.catalog.Application;
import io.clipper.catalog.LearningSettings;
import io.clipper.certainty.Basis;
import io.clipper.certainty.Certainty;
import io.clipper.certainty.LearnedCertainty;
import io.clipper.certainty.Promise;
import io.clipper.certainty.QuantileTracker;
import io.clipper.combine.Ballot;
import io.clipper.combine.Combined;
import io.clipper.combine.Combiner;
import io.clipper.combine.Combiners;
import io.clipper.combine.Confidence;
import io.clipper.combine.LearnedCombiner;
import io.clipper.combine.Plausibility;
import io.clipper.combine.Vote;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.Output;
import io.clipper.replica.ReplicaRouterActor.Reason;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * What a query is answered from what has arrived: the combination, or the application's default and the reason for it.
 *
 * @param winners the models whose answer is given, heaviest first
 * @param promise what its label judges, also where the answer is withheld
 * @param certainty what of the promise is told
 */
record Answer(
    Output output,
    Optional<String> defaultReason,
    boolean refused,
    OptionalDouble agreement,
    OptionalDouble confidence,
    List<ModelId> winners,
    Optional<Output> rejected,
    Optional<Promise> promise,
    Optional<Certainty> certainty) {

  static Answer of(
      Application application,
      List<Part> parts,
      Optional<ModelId> played,
      Optional<Assurance> assurance,
      Optional<QuantileTracker> ofContext) {
    List<Vote> votes = new ArrayList<>(parts.size());
    List<Ballot.Missing> missing = new ArrayList<>();
    for (Part part : parts) {
      if (part.benched) {
        continue;
      }
      if (part.output().isPresent()) {
        votes.add(new Vote(part.model, part.weight, part.output().get()));
      } else {
        missing.add(new Ballot.Missing(part.model, part.weight));
      }
    }
    if (votes.isEmpty()) {
      return byDefault(application, whyNobody(parts), parts);
    }
    LearningSettings settings = application.learning();
    Ballot ballot = new Ballot(votes, missing, played, settings.confidence().map(Confidence::named), settings.tolerance());
    Optional<Combined> combination = combiner(settings, played, assurance).combine(ballot);
    if (combination.isEmpty()) {
      return byDefault(application, "The models' answers are not of a kind that the application can combine", parts);
    }
    Combined combined = combination.get();
    List<ModelId> winners = heaviestFirst(combined.winners(), votes);
    Optional<Promise> promise = assurance.flatMap(known -> promise(known, combined, votes, ofContext));
    Optional<Certainty> certainty =
        promise.filter(made -> assurance.orElseThrow().certainty().conformal().isPresent()).map(Promise::certainty);
    OptionalDouble confidence = assurance.isPresent() ? assurance.get().certainty().calibrated(combined.confidence()) : combined.confidence();
    Optional<Double> threshold = settings.confidenceThreshold();
    if (threshold.isPresent() && confidence.orElse(0) < threshold.get()) {
      return new Answer(
          defaultOutput(application),
          Optional.of("confidence %.3f is below the threshold %s".formatted(confidence.orElse(0), threshold.get())),
          false,
          combined.agreement(),
          confidence,
          winners,
          Optional.of(combined.output()),
          promise,
          certainty);
    }
    return new Answer(
        combined.output(), Optional.empty(), false, combined.agreement(), confidence, winners, Optional.empty(), promise, certainty);
  }

  /** Nobody could be asked. */
  static Answer byDefault(Application application, String reason) {
    return byDefault(application, reason, List.of());
  }

  static Output defaultOutput(Application application) {
    return Output.of(application.defaultOutput());
  }

  Prediction prediction(long queryId, List<ModelAnswer> models, boolean contextUnread) {
    return new Prediction(queryId, output, defaultReason, refused, agreement, confidence, models, rejected, certainty, contextUnread);
  }

  private static Answer byDefault(Application application, String reason, List<Part> parts) {
    boolean refused = !parts.isEmpty() && parts.stream().allMatch(part -> PendingQuery.failureOf(part).filter(Reason::isRefusal).isPresent());
    OptionalDouble nothing = OptionalDouble.empty();
    return new Answer(
        defaultOutput(application),
        Optional.of(reason),
        refused,
        nothing,
        nothing,
        List.of(),
        Optional.empty(),
        Optional.empty(),
        Optional.empty());
  }

  /** Where one model was drawn to answer, the others that were asked were asked to learn from. */
  private static Combiner combiner(LearningSettings settings, Optional<ModelId> played, Optional<Assurance> assurance) {
    if (played.isPresent()) {
      return Combiners.ofPlayed();
    }
    return assurance.map(Assurance::combiner).orElseGet(() -> LearnedCombiner.start(KnownRules.combiner(settings))).combiner();
  }

  /** Empty where nothing was wanted, or where what was answered is neither a number nor names a class. */
  private static Optional<Promise> promise(
      Assurance assurance, Combined combined, List<Vote> votes, Optional<QuantileTracker> ofContext) {
    LearnedCertainty certainty = assurance.certainty();
    if (!certainty.learns()) {
      return Optional.empty();
    }
    return basis(assurance.combiner(), combined, votes)
        .map(basis -> certainty.promise(basis, combined.confidence(), combined.output().label(), ofContext));
  }

  /** A combiner that learns weighs classes itself; what another one answers with are the heaviest model's own. */
  private static Optional<Basis> basis(LearnedCombiner combiner, Combined combined, List<Vote> votes) {
    if (combiner.settings().numbers()) {
      OptionalDouble number = combined.output().number();
      return number.isPresent() && Double.isFinite(number.getAsDouble())
          ? Optional.of(new Basis.OfNumber(number.getAsDouble()))
          : Optional.empty();
    }
    Optional<ClassProbabilities> own = combiner.learns() ? combined.output().probabilities() : Optional.empty();
    return own.or(() -> Plausibility.of(votes)).map(Basis.OfClasses::of);
  }

  private static List<ModelId> heaviestFirst(List<ModelId> winners, List<Vote> votes) {
    if (winners.size() < 2) {
      return winners;
    }
    return votes.stream()
        .filter(vote -> winners.contains(vote.model()))
        .sorted(Comparator.comparingDouble(Vote::weight).reversed())
        .map(Vote::model)
        .toList();
  }

  private static String whyNobody(List<Part> parts) {
    if (all(parts, Reason.NO_REPLICA)) {
      return Prediction.NO_MODELS;
    }
    if (parts.stream().anyMatch(part -> PendingQuery.isOutstanding(part) || failedBy(part, Reason.EXPIRED))) {
      return Prediction.LATE;
    }
    Part first = parts.getFirst();
    String why = all(parts, Reason.OVERLOADED) ? "No room for the query" : "No model could answer";
    return "%s: %s: %s".formatted(why, first.model, PendingQuery.messageOf(first));
  }

  private static boolean all(List<Part> parts, Reason reason) {
    return parts.stream().allMatch(part -> failedBy(part, reason));
  }

  private static boolean failedBy(Part part, Reason reason) {
    return PendingQuery.failureOf(part).filter(failure -> failure == reason).isPresent();
  }
}
