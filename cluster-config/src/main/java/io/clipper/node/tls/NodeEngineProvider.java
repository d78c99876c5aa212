package io.clipper.node.tls;

import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSession;
import org.apache.pekko.actor.ActorSystem;
import org.apache.pekko.remote.artery.tcp.SSLEngineProvider;
import org.apache.pekko.remote.artery.tcp.ssl.RotatingKeysSSLEngineProvider;
import scala.Option;

/**
 * TLS for the cluster port from PEM files, which are read again while the node runs, so that a certificate is renewed without a restart.
 *
 * <p>Both sides show a certificate of the authority. Pekko's own provider leaves out what a name in it is for: here the side that connects
 * also checks that the certificate names the host it asked for, unless {@code clipper.cluster.tls.hostname-verification} is off.
 */
public final class NodeEngineProvider implements SSLEngineProvider {
  static final String HOSTNAME_VERIFICATION = "clipper.cluster.tls.hostname-verification";

  /** The rules of RFC 2818 for names in certificates. */
  private static final String NAMES_AS_IN_HTTPS = "HTTPS";

  private final RotatingKeysSSLEngineProvider engines;
  private final boolean hostnameVerification;

  /** Called by Artery. */
  public NodeEngineProvider(ActorSystem system) {
    this.engines = new RotatingKeysSSLEngineProvider(system);
    this.hostnameVerification = system.settings().config().getBoolean(HOSTNAME_VERIFICATION);
  }

  @Override
  public SSLEngine createServerSSLEngine(String hostname, int port) {
    return engines.createServerSSLEngine(hostname, port);
  }

  @Override
  public SSLEngine createClientSSLEngine(String hostname, int port) {
    SSLEngine engine = engines.createClientSSLEngine(hostname, port);
    if (hostnameVerification) {
      SSLParameters parameters = engine.getSSLParameters();
      parameters.setEndpointIdentificationAlgorithm(NAMES_AS_IN_HTTPS);
      engine.setSSLParameters(parameters);
    }
    return engine;
  }

  @Override
  public Option<Throwable> verifyClientSession(String hostname, SSLSession session) {
    return engines.verifyClientSession(hostname, session);
  }

  @Override
  public Option<Throwable> verifyServerSession(String hostname, SSLSession session) {
    return engines.verifyServerSession(hostname, session);
  }
}
