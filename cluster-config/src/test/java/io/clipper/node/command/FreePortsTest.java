package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import org.junit.jupiter.api.Test;

class FreePortsTest {
  @Test
  void noPortIsChosenTwiceNorOneThatWasGiven() throws IOException {
    int first = free();
    try (FreePorts ports = new FreePorts("127.0.0.1", List.of(first))) {
      int chosen = ports.from(first);

      assertThat(chosen).isGreaterThan(first);
      assertThat(ports.from(first)).isGreaterThan(chosen);
    }
  }

  @Test
  void onePortOfAnotherProgramIsPassedOver() throws IOException {
    try (ServerSocket other = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        FreePorts ports = new FreePorts("127.0.0.1", List.of())) {
      assertThat(ports.from(other.getLocalPort())).isNotEqualTo(other.getLocalPort());
    }
  }

  @Test
  void whoChoosesBeforeTheFirstHasOpenedItsPortsChoosesOthers() throws IOException {
    int usual = free();
    int chosen;
    try (FreePorts first = new FreePorts("127.0.0.1", List.of())) {
      chosen = first.from(usual);
      try (FreePorts second = new FreePorts("127.0.0.1", List.of())) {
        assertThat(second.from(chosen)).isGreaterThan(chosen);
      }
      try (ServerSocket opened = new ServerSocket(chosen, 1, InetAddress.getLoopbackAddress())) {
        assertThat(opened.isBound()).isTrue();
      }
    }
    try (FreePorts later = new FreePorts("127.0.0.1", List.of())) {
      assertThat(later.from(chosen)).isEqualTo(chosen);
    }
  }

  private static int free() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
