package io.clipper.node.tls;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.clipper.Refused;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TlsFolderTest {
  private final Instant now = Instant.now();

  @TempDir private static Path made;
  @TempDir private Path folder;

  @BeforeAll
  static void makeCertificates() {
    TestAuthority.in(made).certify(List.of("127.0.0.1", "node-1", "*.clipper.svc"), 30, made);
  }

  @BeforeEach
  void copyThem() throws IOException {
    for (String file : List.of("ca.pem", "ca-key.pem", "node.pem", "node-key.pem")) {
      Files.copy(made.resolve(file), folder.resolve(file), StandardCopyOption.COPY_ATTRIBUTES);
    }
  }

  @Test
  void whatTheCommandMadeIsTaken() {
    TlsFolder.at(folder).check("127.0.0.1", true, now);
    TlsFolder.at(folder).check("NODE-1", true, now);
    TlsFolder.at(folder).check("node-7.clipper.svc", true, now);
    TlsFolder.at(folder).check("10.1.2.3", false, now);
  }

  @Test
  void onlyTheirOwnerReadsTheKeys() throws IOException {
    for (String key : List.of("node-key.pem", "ca-key.pem")) {
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve(key)))).isEqualTo("rw-------");
    }
  }

  @Test
  void aKeyThatEverybodyReadsIsRefused() throws IOException {
    Files.setPosixFilePermissions(folder.resolve("node-key.pem"), PosixFilePermissions.fromString("rw-r--r--"));

    assertThat(refusal("127.0.0.1", now)).contains("node-key.pem").contains("chmod 600");
  }

  @Test
  void aFileThatIsNotThereIsNamed() throws IOException {
    Files.delete(folder.resolve("node.pem"));

    assertThat(refusal("127.0.0.1", now)).contains("--tls").contains("node.pem").contains("no such file").contains("./clipper tls --help");
  }

  @Test
  void aFileThatIsNoCertificateOrKeyIsNamed() throws IOException {
    Files.writeString(folder.resolve("node-key.pem"), "not a key");
    assertThat(refusal("127.0.0.1", now)).contains("node-key.pem").contains("no private RSA key");

    Files.writeString(folder.resolve("ca.pem"), "not a certificate");
    assertThat(refusal("127.0.0.1", now)).contains("ca.pem").contains("no certificate");
  }

  @Test
  void anExpiredCertificateIsRefusedByItsDay() throws IOException, CertificateException {
    Instant expiry = Pem.certificate(folder.resolve("node.pem")).getNotAfter().toInstant();

    assertThat(refusal("127.0.0.1", expiry.plusSeconds(1))).contains("node.pem expired on " + expiry.toString().substring(0, 10));
    assertThat(refusal("127.0.0.1", now.minus(Duration.ofDays(2)))).contains("is not valid before").contains("clock");
  }

  @Test
  void filesThatAreNotOfOneAnotherAreRefused(@TempDir Path other) throws IOException {
    TestAuthority.in(other).certify(List.of("127.0.0.1"), 30, other);

    Files.copy(other.resolve("node-key.pem"), folder.resolve("node-key.pem"), StandardCopyOption.REPLACE_EXISTING, StandardCopyOption.COPY_ATTRIBUTES);
    assertThat(refusal("127.0.0.1", now)).contains("is not the key of the certificate");

    Files.copy(other.resolve("node.pem"), folder.resolve("node.pem"), StandardCopyOption.REPLACE_EXISTING);
    assertThat(refusal("127.0.0.1", now)).contains("is not signed by the authority");
  }

  @Test
  void aCertificateForOtherHostsIsRefusedWithTheCommandThatHelps() {
    assertThat(refusal("10.1.2.3", now)).contains("names 127.0.0.1, node-1, *.clipper.svc, and not 10.1.2.3").contains("--host 10.1.2.3");
    assertThat(refusal("a.b.clipper.svc", now)).contains("not a.b.clipper.svc");
  }

  @Test
  void aSecretOfKubernetesIsTakenUnderItsOwnNames() throws IOException {
    Path secret = Files.createDirectory(folder.resolve("secret"));
    Files.move(folder.resolve("ca.pem"), secret.resolve("ca.crt"));
    Files.move(folder.resolve("node.pem"), secret.resolve("tls.crt"));
    Files.move(folder.resolve("node-key.pem"), secret.resolve("tls.key"));

    TlsFolder.at(secret).check("127.0.0.1", true, now);
  }

  @Test
  void theAuthorityStaysWhenAnotherNodeIsCertified(@TempDir Path second) throws IOException {
    String authority = Files.readString(folder.resolve("ca.pem"));

    TestAuthority.in(folder).certify(List.of("node-2"), 30, second);

    assertThat(second.resolve("ca.pem")).hasContent(authority);
    assertThat(second.resolve("ca-key.pem")).doesNotExist();
    TlsFolder.at(second).check("node-2", true, now);
  }

  @Test
  void aHostThatCanBeNoneIsRefused() {
    Refused refused = catchThrowableOfType(Refused.class, () -> TestAuthority.in(folder).certify(List.of("a,dns:b"), 30, folder));

    assertThat(refused).hasMessageContaining("'a,dns:b'");
  }

  private String refusal(String host, Instant now) {
    return String.valueOf(catchThrowableOfType(Refused.class, () -> TlsFolder.at(folder).check(host, true, now)).getMessage());
  }
}
