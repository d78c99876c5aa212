package io.clipper.node.tls;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFilePermission;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.pekko.pki.pem.PEMLoadingException;

/**
 * A node's key and certificates: {@code ca.pem}, {@code node.pem} and {@code node-key.pem}, or under the names that a Kubernetes secret of
 * type TLS has.
 */
public record TlsFolder(Path authority, Path certificate, Path key) {
  private static final String ARTERY = "pekko.remote.artery.";
  private static final String ENGINE = ARTERY + "ssl.rotating-keys-engine.";
  private static final String PROVIDER = ARTERY + "ssl.ssl-engine-provider";
  private static final String TLS = "tls-tcp";
  private static final String HOW = "see ./clipper tls --help";
  private static final byte[] PROBE = {1, 2, 3};

  /** The files of a folder, whether they are there or not. */
  public static TlsFolder at(Path folder) {
    Path absolute = folder.toAbsolutePath().normalize();
    if (Files.exists(absolute.resolve("tls.crt"))) {
      return new TlsFolder(absolute.resolve("ca.crt"), absolute.resolve("tls.crt"), absolute.resolve("tls.key"));
    }
    return new TlsFolder(absolute.resolve("ca.pem"), absolute.resolve("node.pem"), absolute.resolve("node-key.pem"));
  }

  /** Those that a node's settings name; empty where they name no files of this kind. */
  static Optional<TlsFolder> of(Config settings) {
    if (!isTls(settings) || !settings.getString(PROVIDER).equals(NodeEngineProvider.class.getName())) {
      return Optional.empty();
    }
    return Optional.of(
        new TlsFolder(
            Path.of(settings.getString(ENGINE + "ca-cert-file")),
            Path.of(settings.getString(ENGINE + "cert-file")),
            Path.of(settings.getString(ENGINE + "key-file"))));
  }

  static boolean isTls(Config settings) {
    return settings.getString(ARTERY + "transport").equals(TLS);
  }

  /** What makes Artery use them; lies over the defaults. */
  public Config config() {
    Map<String, Object> settings = new HashMap<>();
    settings.put(ARTERY + "transport", TLS);
    settings.put(PROVIDER, NodeEngineProvider.class.getName());
    settings.put(ENGINE + "ca-cert-file", authority.toString());
    settings.put(ENGINE + "cert-file", certificate.toString());
    settings.put(ENGINE + "key-file", key.toString());
    return ConfigFactory.parseMap(settings, "--tls");
  }

  /**
   * Tries them before the node does, whose attempts would fail one connection at a time, in its log.
   *
   * @param host what other nodes call this one; where host names are not verified, any
   * @throws Refused in one line, for files that are not there, not valid now, not of one another, or open to others
   */
  void check(String host, boolean hostnameVerification, Instant now) {
    X509Certificate ca = certificate(authority, now);
    X509Certificate node = certificate(certificate, now);
    PrivateKey secret = privateKey();
    if (!isSigned(node, ca.getPublicKey())) {
      throw refused(certificate, "is not signed by the authority in " + authority);
    }
    if (!isPair(secret, node.getPublicKey())) {
      throw refused(key, "is not the key of the certificate " + certificate);
    }
    SubjectNames names = SubjectNames.of(node);
    if (hostnameVerification && !names.include(host)) {
      throw refused(certificate, "names %s, and not %s, which other nodes call this one: make one with --host %s".formatted(names, host, host));
    }
  }

  /** Empty while the files are not there, or are not whole, as for a moment when they are replaced. */
  Optional<Expiry> expiry() {
    try {
      Expiry ca = new Expiry(authority, Pem.certificate(authority).getNotAfter().toInstant());
      Expiry node = new Expiry(certificate, Pem.certificate(certificate).getNotAfter().toInstant());
      return Optional.of(ca.at().isBefore(node.at()) ? ca : node);
    } catch (IOException | GeneralSecurityException unreadable) {
      return Optional.empty();
    }
  }

  private static X509Certificate certificate(Path file, Instant now) {
    try {
      X509Certificate found = Pem.certificate(file);
      if (now.isAfter(found.getNotAfter().toInstant())) {
        throw refused(file, "expired on %s".formatted(day(found.getNotAfter())));
      }
      if (now.isBefore(found.getNotBefore().toInstant())) {
        throw refused(file, "is not valid before %s: is this machine's clock right?".formatted(day(found.getNotBefore())));
      }
      return found;
    } catch (IOException missing) {
      throw refused(file, "cannot be read: " + said(missing));
    } catch (GeneralSecurityException damaged) {
      throw refused(file, "is no certificate in PEM: " + damaged.getMessage());
    }
  }

  private PrivateKey privateKey() {
    try {
      if (isOpenToOthers(key)) {
        throw refused(key, "can be read by every user of this machine: chmod 600 it");
      }
      return Pem.key(key);
    } catch (IOException missing) {
      throw refused(key, "cannot be read: " + said(missing));
    } catch (PEMLoadingException damaged) {
      throw refused(key, "is no private RSA key in PEM: " + damaged.getMessage());
    }
  }

  private static boolean isOpenToOthers(Path file) throws IOException {
    PosixFileAttributeView view = Files.getFileAttributeView(file, PosixFileAttributeView.class);
    return view != null && view.readAttributes().permissions().contains(PosixFilePermission.OTHERS_READ);
  }

  private static boolean isSigned(X509Certificate certificate, PublicKey by) {
    try {
      certificate.verify(by);
      return true;
    } catch (GeneralSecurityException not) {
      return false;
    }
  }

  private static boolean isPair(PrivateKey secret, PublicKey known) {
    String algorithm = "SHA256with" + secret.getAlgorithm();
    try {
      Signature signing = Signature.getInstance(algorithm);
      signing.initSign(secret);
      signing.update(PROBE);
      Signature verifying = Signature.getInstance(algorithm);
      verifying.initVerify(known);
      verifying.update(PROBE);
      return verifying.verify(signing.sign());
    } catch (GeneralSecurityException ofAnotherKind) {
      return false;
    }
  }

  private static String day(Date date) {
    return date.toInstant().toString().substring(0, "2026-01-01".length());
  }

  private static String said(IOException failed) {
    return failed instanceof NoSuchFileException ? "there is no such file" : failed.toString();
  }

  private static Refused refused(Path file, String why) {
    return new Refused(Refused.Reason.INVALID, "--tls: %s %s (%s)".formatted(file, why, HOW));
  }
}
