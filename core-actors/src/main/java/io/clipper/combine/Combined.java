package io.clipper.combine;

import io.clipper.model.ModelId;
import io.clipper.model.Output;
import java.util.List;
import java.util.OptionalDouble;

/**
 * The answer to a query.
 *
 * @param agreement models asked that gave this answer ÷ models asked; one that did not answer was asked
 * @param confidence 0..1; empty where nothing can be said
 * @param winners the models that gave this answer, in the candidates' order
 */
public record Combined(Output output, OptionalDouble agreement, OptionalDouble confidence, List<ModelId> winners) {
  public Combined {
    winners = List.copyOf(winners);
  }
}
