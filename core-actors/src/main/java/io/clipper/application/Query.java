package io.clipper.application;

import io.clipper.model.Input;
import io.clipper.selection.Features;
import java.time.Duration;
import java.util.Optional;

/**
 * One question to an application.
 *
 * @param context whoever the learning is for: a user, a session, a device
 * @param budget the time to answer in; empty: the application's objective
 * @param version a version of the only linked model, as the original allows; empty: the one in use
 * @param features what policies that go by them choose by
 */
public record Query(
    String application, Input input, Optional<String> context, Optional<Duration> budget, Optional<String> version, Features features) {
  /** Without features. */
  public Query(String application, Input input, Optional<String> context, Optional<Duration> budget, Optional<String> version) {
    this(application, input, context, budget, version, Features.NONE);
  }

  public static Query of(String application, Input input) {
    return new Query(application, input, Optional.empty(), Optional.empty(), Optional.empty());
  }
}
