package io.clipper.node.tls;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubjectNamesTest {
  @Test
  void anAddressIsTheSameHoweverItIsWritten() {
    SubjectNames names = new SubjectNames(List.of("0:0:0:0:0:0:0:1", "fd00::ABCD", "127.0.0.1"));

    assertThat(List.of("::1", "[::1]", "0:0:0:0:0:0:0:1", "fd00:0::abcd", "127.0.0.1")).allMatch(names::include);
    assertThat(List.of("::2", "fd00::abcd:1", "127.0.0.2", "::", "not:an:address")).noneMatch(names::include);
  }

  @Test
  void theAddressThatACertificateWasMadeForIsIncluded(@TempDir Path folder) throws Exception {
    TestAuthority.in(folder).certify(List.of("::1"), 30, folder);

    assertThat(SubjectNames.of(Pem.certificate(folder.resolve("node.pem"))).include("::1")).isTrue();
  }

  @Test
  void aStarStandsForOnePart() {
    SubjectNames names = new SubjectNames(List.of("*.clipper.svc", "Node-1"));

    assertThat(List.of("a.clipper.svc", "node-1", "NODE-1")).allMatch(names::include);
    assertThat(List.of("clipper.svc", "a.b.clipper.svc", "node-2")).noneMatch(names::include);
  }
}
