package io.clipper.gateway;

import com.typesafe.config.Config;
import io.clipper.Refused;
import io.clipper.gateway.oip.OipSettings;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Optional;

/**
 * Where the gateway listens, and what it takes.
 *
 * @param queryPort 0: any free one
 * @param adminPort 0: any free one
 * @param maxBodyBytes the largest request; a deployed artifact has a limit of its own
 * @param bodyTimeout how long a request's body may take to arrive, or an artifact pause on its way
 * @param adminToken what the management port asks for; empty: nothing
 * @param insecure whether management may go without a token off loopback
 */
public record GatewaySettings(
    String queryHost,
    int queryPort,
    String adminHost,
    int adminPort,
    long maxBodyBytes,
    long maxArtifactBytes,
    Duration bodyTimeout,
    Optional<String> adminToken,
    boolean insecure,
    OipSettings oip) {
  /** The elements of a decoded body are up to eight times as large as its text, in one array. */
  private static final long LARGEST_BODY = 128L << 20;

  public GatewaySettings {
    if (maxBodyBytes < 1 || maxBodyBytes > LARGEST_BODY) {
      throw new IllegalArgumentException("max-body %d bytes is outside 1..%d".formatted(maxBodyBytes, LARGEST_BODY));
    }
  }

  /** Of the whole configuration. */
  public static GatewaySettings from(Config config) {
    Config gateway = config.getConfig("clipper.gateway");
    String token = gateway.getString("admin.token");
    return new GatewaySettings(
        gateway.getString("query.host"),
        gateway.getInt("query.port"),
        gateway.getString("admin.host"),
        gateway.getInt("admin.port"),
        gateway.getBytes("max-body"),
        gateway.getBytes("max-artifact"),
        gateway.getDuration("body-timeout"),
        token.isEmpty() ? Optional.empty() : Optional.of(token),
        gateway.getBoolean("admin.insecure"),
        OipSettings.from(gateway));
  }

  /** Throws {@link Refused} for a management port that anyone in reach could use: to deploy is to run code. */
  void checkTrust() {
    if (adminToken.isEmpty() && !insecure && !isLoopback(adminHost)) {
      throw new Refused(
          Refused.Reason.INVALID,
          "management on %s needs a token: give --token-file FILE, or --insecure to go without".formatted(adminHost));
    }
  }

  /** Whether queries, over HTTP and gRPC, come from this machine alone. */
  public boolean isOnLoopback() {
    return isLoopback(queryHost) && isLoopback(oip.grpcHost());
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      throw new Refused(Refused.Reason.INVALID, "host '%s' is not known: see --host".formatted(host));
    }
  }
}
