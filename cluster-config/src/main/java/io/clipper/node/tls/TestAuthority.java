package io.clipper.node.tls;

import io.clipper.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.regex.Pattern;
import org.apache.pekko.pki.pem.PEMLoadingException;

/**
 * A certificate authority in a folder, for tests and for clusters without one of their own: its key lies in a file beside it.
 *
 * @param folder of {@code ca.pem} and {@code ca-key.pem}
 */
public record TestAuthority(Path folder) {
  private static final int AUTHORITY_DAYS = 3650;
  private static final Pattern ADDRESS = Pattern.compile("[0-9.]+|[0-9a-fA-F:]*:[0-9a-fA-F:.]*");
  private static final Pattern NAME = Pattern.compile("(\\*\\.)?[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?");

  /** The one in the folder, or a new one. */
  public static TestAuthority in(Path folder) {
    try {
      Files.createDirectories(folder);
      if (Files.exists(folder.resolve("ca.pem")) != Files.exists(folder.resolve("ca-key.pem"))) {
        throw new Refused(Refused.Reason.CONFLICT, "%s has one of ca.pem and ca-key.pem and not the other: name another folder".formatted(folder));
      }
      if (!Files.exists(folder.resolve("ca.pem"))) {
        try (Keytool keytool = Keytool.empty()) {
          keytool.generate("ca", "CN=Clipper test authority", AUTHORITY_DAYS, "bc:c", "ku:c=keyCertSign,cRLSign");
          Pem.write(keytool.key("ca"), folder.resolve("ca-key.pem"));
          Pem.write(keytool.certificate("ca"), folder.resolve("ca.pem"));
        }
      }
      return new TestAuthority(folder);
    } catch (IOException | GeneralSecurityException failed) {
      throw unusable(folder, failed);
    }
  }

  /** Writes {@code ca.pem}, {@code node.pem} and {@code node-key.pem} for a node that is called by one of those hosts. */
  public void certify(List<String> hosts, int days, Path to) {
    try (Keytool keytool = Keytool.empty()) {
      Files.createDirectories(to);
      X509Certificate ca = Pem.certificate(folder.resolve("ca.pem"));
      PrivateKey caKey = Pem.key(folder.resolve("ca-key.pem"));
      keytool.put("ca", caKey, ca);
      keytool.generate(
          "node",
          "CN=Clipper node",
          days,
          "san=" + String.join(",", hosts.stream().map(TestAuthority::alternativeName).toList()),
          "ku:c=digitalSignature",
          "eku=serverAuth,clientAuth",
          "-signer",
          "ca");
      Pem.write(keytool.key("node"), to.resolve("node-key.pem"));
      Pem.write(keytool.certificate("node"), to.resolve("node.pem"));
      if (!Files.isSameFile(folder, to)) {
        Pem.write(ca, to.resolve("ca.pem"));
      }
    } catch (IOException | GeneralSecurityException | PEMLoadingException failed) {
      throw unusable(to, failed);
    }
  }

  private static String alternativeName(String host) {
    if (ADDRESS.matcher(host).matches()) {
      return "ip:" + host;
    }
    if (NAME.matcher(host).matches()) {
      return "dns:" + host;
    }
    throw new Refused(Refused.Reason.INVALID, "'%s' is neither a host's name nor an address".formatted(host));
  }

  private static Refused unusable(Path folder, Exception failed) {
    return new Refused(Refused.Reason.UNAVAILABLE, "no certificates can be made in %s: %s".formatted(folder, failed));
  }
}
