package io.clipper.combine;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;

/** What a combiner has learned: an immutable value that a snapshot writes by Jackson, under the names given here. */
@JsonTypeInfo(use = JsonTypeInfo.Id.NAME)
@JsonSubTypes({
  @JsonSubTypes.Type(value = Unlearned.class, name = "unlearned"),
  @JsonSubTypes.Type(value = BayesianAverage.Evidence.class, name = "evidence"),
  @JsonSubTypes.Type(value = StackedClasses.Pool.class, name = "pool"),
  @JsonSubTypes.Type(value = StackedNumbers.Regression.class, name = "regression"),
  @JsonSubTypes.Type(value = MeanImputation.Means.class, name = "means")
})
public interface CombinerState {}
