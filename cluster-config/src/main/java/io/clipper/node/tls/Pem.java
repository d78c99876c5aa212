package io.clipper.node.tls;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.PrivateKey;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Base64;
import org.apache.pekko.pki.pem.DERPrivateKeyLoader;
import org.apache.pekko.pki.pem.PEMDecoder;
import org.apache.pekko.pki.pem.PEMLoadingException;

/** Keys and certificates as text. */
final class Pem {
  private static final Base64.Encoder LINES = Base64.getMimeEncoder(64, new byte[] {'\n'});
  private static final String ONLY_OWNER = "rw-------";

  private Pem() {}

  static X509Certificate certificate(Path file) throws IOException, CertificateException {
    ByteArrayInputStream bytes = new ByteArrayInputStream(Files.readAllBytes(file));
    return (X509Certificate) CertificateFactory.getInstance("X.509").generateCertificate(bytes);
  }

  /** By the loader that Artery uses. */
  static PrivateKey key(Path file) throws IOException, PEMLoadingException {
    return DERPrivateKeyLoader.load(PEMDecoder.decode(Files.readString(file)));
  }

  static void write(X509Certificate certificate, Path file) throws IOException, CertificateException {
    replace(file, text("CERTIFICATE", certificate.getEncoded()), false);
  }

  /** Only its owner may read it, from its first byte on. */
  static void write(PrivateKey key, Path file) throws IOException {
    replace(file, text("PRIVATE KEY", key.getEncoded()), true);
  }

  /** As a whole, under a node that reads it. */
  private static void replace(Path file, String text, boolean secret) throws IOException {
    Path next = file.resolveSibling(file.getFileName() + ".next");
    Files.deleteIfExists(next);
    if (secret && file.getFileSystem().supportedFileAttributeViews().contains("posix")) {
      Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(ONLY_OWNER)));
    }
    Files.writeString(next, text, StandardCharsets.US_ASCII);
    Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
  }

  private static String text(String label, byte[] der) {
    return "-----BEGIN %s-----\n%s\n-----END %s-----\n".formatted(label, LINES.encodeToString(der), label);
  }
}
