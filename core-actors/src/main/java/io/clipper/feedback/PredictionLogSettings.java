package io.clipper.feedback;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * How much of what was answered is kept for judging.
 *
 * @param windowBytes of an application's latest queries, for feedback that comes at once
 * @param recentBytes of the latest groups as they are stored, of all applications
 * @param unwrittenBytes what may wait to be written; more is dropped and counted
 * @param flushInterval how long a query may wait for others to be written with
 * @param maxAge what is older is deleted
 * @param maxBytes of what is more the oldest is deleted
 */
public record PredictionLogSettings(long windowBytes, long recentBytes, long unwrittenBytes, Duration flushInterval, Duration maxAge, long maxBytes) {
  /** Reads {@code clipper.prediction-log}. */
  public static PredictionLogSettings of(Config config) {
    Config log = config.getConfig("clipper.prediction-log");
    return new PredictionLogSettings(
        log.getBytes("window-bytes"),
        log.getBytes("recent-bytes"),
        log.getBytes("unwritten-bytes"),
        log.getDuration("flush-interval"),
        log.getDuration("max-age"),
        log.getBytes("max-bytes"));
  }
}
