package io.clipper.wire;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import java.util.Map;
import java.util.Optional;

/**
 * What one message may take.
 *
 * @param limitBytes of an input's or an artifact's bytes
 */
public record WireSettings(int limitBytes) {
  /** What a message has beside the bytes that the limit is about: names, actors, the other fields. */
  private static final int AROUND_BYTES = 64 << 10;
  /** An Artery frame that is smaller is refused at start. */
  private static final int LEAST_BYTES = 32 << 10;

  public WireSettings {
    if (limitBytes < LEAST_BYTES || limitBytes > Integer.MAX_VALUE - AROUND_BYTES) {
      throw new IllegalArgumentException("clipper.size-limit %d is outside %d..%d".formatted(limitBytes, LEAST_BYTES, Integer.MAX_VALUE - AROUND_BYTES));
    }
  }

  /** Reads {@code clipper.size-limit}. */
  public static WireSettings of(Config config) {
    return new WireSettings(Math.toIntExact(config.getBytes("clipper.size-limit")));
  }

  /** The same settings with Artery's large frames as large as the limit asks. */
  public static Config framed(Config config) {
    int frame = of(config).frameBytes();
    return ConfigFactory.parseMap(Map.of("pekko.remote.artery.advanced.maximum-large-frame-size", frame + " b"), "clipper.size-limit")
        .withFallback(config);
  }

  /**
   * Why something is not taken that no message to another node has room for; empty where it is taken. Whoever asks would otherwise be
   * answered or not by where its answer is made.
   *
   * @param what is asked, with its article
   */
  public Optional<Refused> refusal(String what, long bytes) {
    return bytes <= limitBytes
        ? Optional.empty()
        : Optional.of(
            new Refused(
                Refused.Reason.TOO_LARGE,
                "%s takes %d bytes when it is unpacked, more than the %d of clipper.size-limit".formatted(what, bytes, limitBytes)));
  }

  int frameBytes() {
    return limitBytes + AROUND_BYTES;
  }

  /** Artery writes envelope and message into one frame. */
  int messageBytes() {
    return limitBytes + AROUND_BYTES / 2;
  }
}
