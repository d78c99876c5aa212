package io.clipper.node.tls;

import com.typesafe.config.Config;
import io.clipper.Refused;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Instant;

/** Who may reach the cluster port: whoever does can run code on the node, so it leaves loopback by mutual TLS, or by an explicit word. */
public final class ClusterTrust {
  private ClusterTrust() {}

  /**
   * Checks a node's settings before it starts.
   *
   * @throws Refused in one line, where others could reach the port and nothing keeps them out, or where the certificates would not do
   */
  public static void check(Config settings, boolean insecure, Instant now) {
    String advertised = settings.getString("pekko.remote.artery.canonical.hostname");
    String bound = settings.getString("pekko.remote.artery.bind.hostname");
    checkReach(bound.isEmpty() ? advertised : bound, TlsFolder.isTls(settings), insecure);
    TlsFolder.of(settings).ifPresent(folder -> folder.check(advertised, settings.getBoolean(NodeEngineProvider.HOSTNAME_VERIFICATION), now));
  }

  /** @param host what the cluster port binds to */
  static void checkReach(String host, boolean tls, boolean insecure) {
    if (!tls && !insecure && !isLoopback(host)) {
      throw new Refused(
          Refused.Reason.INVALID,
          "the cluster port on %s could be joined by whoever reaches it: give --tls DIR (./clipper tls DIR --host %s makes one), or --insecure"
              .formatted(host, host));
    }
  }

  private static boolean isLoopback(String host) {
    try {
      return InetAddress.getByName(host).isLoopbackAddress();
    } catch (UnknownHostException unknown) {
      throw new Refused(Refused.Reason.INVALID, "--host %s is no address that this machine knows".formatted(host));
    }
  }
}
