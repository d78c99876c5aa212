package io.clipper.certainty;

import com.fasterxml.jackson.annotation.JsonInclude;
import java.util.Optional;
import java.util.OptionalDouble;

/**
 * The set or interval that an answer carried, kept until its label comes.
 *
 * @param general the threshold of the application as a whole, infinite while it is not calibrated
 * @param own that of the query's context, where it had one
 * @param calibrated whether the application had labels enough
 * @param labels how many the application had
 * @param confidence that the answer stated before it was calibrated
 * @param answer its label
 */
public record Promise(
    Basis basis,
    double general,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) OptionalDouble own,
    boolean calibrated,
    long labels,
    OptionalDouble confidence,
    @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> answer) {
  /** What the answer carries. */
  public Certainty certainty() {
    return basis.within(own.orElse(general), calibrated);
  }

  /** About what it costs in memory, in bytes. */
  public int weight() {
    return 160 + (basis instanceof Basis.OfClasses ofClasses ? 32 * ofClasses.classes().size() : 0);
  }
}
