package io.clipper.node.tls;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.time.Duration;
import java.time.InstantSource;
import java.util.function.Consumer;
import org.apache.pekko.actor.typed.ActorSystem;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.DispatcherSelector;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks once a day at how long the certificates of the cluster port are valid, and warns where that is short: connections that are open outlive
 * them, so that nobody notices before the first that is lost.
 */
public final class ExpiryActor {
  sealed interface Command {}

  private record TimeToLook() implements Command {}

  private static final Logger LOG = LoggerFactory.getLogger(ExpiryActor.class);
  private static final String LEFT = "clipper.tls.certificate.left";
  private static final Duration DAILY = Duration.ofDays(1);

  private ExpiryActor() {}

  /** Starts it, and a gauge beside it, where the node's cluster port has TLS by files of this kind. */
  public static void start(ActorSystem<?> system, MeterRegistry meters, InstantSource clock) {
    TlsFolder.of(system.settings().config())
        .ifPresent(
            folder -> {
              meter(folder, meters, clock);
              system.systemActorOf(create(folder, clock, LOG::warn), "clipper-tls-expiry", DispatcherSelector.blocking());
            });
  }

  /** A certificate that is renewed counts from when it is there. */
  static void meter(TlsFolder folder, MeterRegistry meters, InstantSource clock) {
    Gauge.builder(LEFT, folder, files -> files.expiry().map(expiry -> expiry.secondsLeft(clock.instant())).orElse(Double.NaN))
        .baseUnit("seconds")
        .description("How long the certificate of the cluster port, and that of its authority, are valid yet")
        .register(meters);
  }

  /** It reads files. */
  static Behavior<Command> create(TlsFolder folder, InstantSource clock, Consumer<String> warning) {
    return Behaviors.withTimers(
        timers -> {
          timers.startTimerWithFixedDelay(new TimeToLook(), Duration.ZERO, DAILY);
          return Behaviors.receiveMessage(
              command -> {
                folder.expiry().flatMap(expiry -> expiry.warning(clock.instant())).ifPresent(warning);
                return Behaviors.same();
              });
        });
  }
}
