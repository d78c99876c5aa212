package io.clipper.gateway.oip;

import com.typesafe.config.Config;
import java.time.Duration;

/**
 * The Open Inference Protocol's own settings.
 *
 * @param grpcPort 0: any free one
 * @param modelTimeout for a model that is asked directly without a timeout
 */
public record OipSettings(String grpcHost, int grpcPort, Duration modelTimeout) {
  /** Of {@code clipper.gateway}. */
  public static OipSettings from(Config gateway) {
    return new OipSettings(gateway.getString("grpc.host"), gateway.getInt("grpc.port"), gateway.getDuration("model-timeout"));
  }
}
