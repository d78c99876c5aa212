package io.clipper.node.tls;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Key;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/**
 * The JDK's own program for certificates, over a key store that is gone afterwards: the JDK's classes read certificates and do not make
 * them.
 */
final class Keytool implements AutoCloseable {
  private static final String PASSWORD = "CLIPPER_KEYTOOL_PASSWORD";
  private static final int PASSWORD_BYTES = 16;
  /** Valid from an hour ago: a node whose clock is behind takes it at once. */
  private static final String CLOCKS_DIFFER = "-1H";

  private final Path folder;
  private final Path store;
  private final String password;

  private Keytool(Path folder, String password) {
    this.folder = folder;
    this.store = folder.resolve("keys.p12");
    this.password = password;
  }

  static Keytool empty() throws IOException {
    byte[] password = new byte[PASSWORD_BYTES];
    new SecureRandom().nextBytes(password);
    return new Keytool(Files.createTempDirectory("clipper-keytool"), HexFormat.of().formatHex(password));
  }

  /** A new pair of keys, of the one kind that Artery reads, with a certificate. Extensions are written as for {@code -ext}; what begins with a hyphen, and after, is taken as it is. */
  void generate(String alias, String subject, int days, String... extensions) throws IOException {
    List<String> command =
        new ArrayList<>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "keytool").toString(),
                "-genkeypair", "-alias", alias, "-dname", subject, "-keyalg", "RSA", "-keysize", "2048",
                "-startdate", CLOCKS_DIFFER, "-validity", Integer.toString(days), "-storetype", "PKCS12", "-keystore", store.toString(), "-storepass:env", PASSWORD));
    boolean asItIs = false;
    for (String extension : extensions) {
      asItIs |= extension.startsWith("-");
      if (!asItIs) {
        command.add("-ext");
      }
      command.add(extension);
    }
    run(command);
  }

  void put(String alias, PrivateKey key, X509Certificate certificate) throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    keys.load(null, password.toCharArray());
    keys.setKeyEntry(alias, key, password.toCharArray(), new Certificate[] {certificate});
    try (OutputStream out = Files.newOutputStream(store)) {
      keys.store(out, password.toCharArray());
    }
  }

  PrivateKey key(String alias) throws IOException, GeneralSecurityException {
    Key key = keys().getKey(alias, password.toCharArray());
    if (key instanceof PrivateKey secret) {
      return secret;
    }
    throw new IOException("keytool made no key " + alias);
  }

  X509Certificate certificate(String alias) throws IOException, GeneralSecurityException {
    return (X509Certificate) keys().getCertificate(alias);
  }

  @Override
  public void close() throws IOException {
    Files.deleteIfExists(store);
    Files.delete(folder);
  }

  private KeyStore keys() throws IOException, GeneralSecurityException {
    KeyStore keys = KeyStore.getInstance("PKCS12");
    try (InputStream in = Files.newInputStream(store)) {
      keys.load(in, password.toCharArray());
    }
    return keys;
  }

  private void run(List<String> command) throws IOException {
    ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
    builder.environment().put(PASSWORD, password);
    // An option file of the JVM's environment would be announced among keytool's own words.
    builder.environment().remove("JAVA_TOOL_OPTIONS");
    Process process = builder.start();
    process.getOutputStream().close();
    String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
    try {
      if (process.waitFor() != 0) {
        throw new IOException("keytool failed: " + said);
      }
    } catch (InterruptedException interrupted) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted while keytool ran", interrupted);
    }
  }
}
