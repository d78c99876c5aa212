package io.clipper.combine;

/** A combiner with what it has learned: an immutable value, and the same labels in the same order give the same bits. */
public record LearnedCombiner(CombinerSettings settings, CombinerState state) {
  public static LearnedCombiner start(CombinerSettings settings) {
    return Combiners.learning(settings)
        .map(rule -> new LearnedCombiner(settings, rule.start()))
        .orElseGet(() -> new LearnedCombiner(settings, new Unlearned()));
  }

  public Combiner combiner() {
    return Combiners.learning(settings).map(rule -> with(rule, state)).orElseGet(() -> Combiners.of(settings.name()));
  }

  /** Whether labels teach it anything. */
  public boolean learns() {
    return Combiners.learning(settings).isPresent();
  }

  public LearnedCombiner observe(Labelled labelled) {
    return Combiners.learning(settings).map(rule -> new LearnedCombiner(settings, observed(rule, state, labelled))).orElse(this);
  }

  /** The same combiner with other options goes on from what it has learned; another one starts. */
  public LearnedCombiner with(CombinerSettings next) {
    boolean goesOn = next.name().equals(settings.name()) && next.numbers() == settings.numbers();
    return goesOn ? new LearnedCombiner(next, state) : start(next);
  }

  private static <S extends CombinerState> Combiner with(LearningCombiner<S> rule, CombinerState state) {
    return rule.with(rule.stateType().cast(state));
  }

  private static <S extends CombinerState> CombinerState observed(LearningCombiner<S> rule, CombinerState state, Labelled labelled) {
    return rule.observe(rule.stateType().cast(state), labelled);
  }
}
