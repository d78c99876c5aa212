package io.clipper.membership;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;

/**
 * One life of a node, which signs as it.
 *
 * @param machine its host name and, where the system tells, what it has been called since it was booted: two machines may have one name
 */
record Incarnation(String machine, String id) {
  private static final char SEPARATOR = '/';
  /** Of Linux. */
  private static final Path BOOT = Path.of("/proc/sys/kernel/random/boot_id");

  /** A new one of this machine. */
  static Incarnation here() {
    return new Incarnation(hostName() + SEPARATOR + boot(), UUID.randomUUID().toString());
  }

  /** What {@link #text} wrote. */
  static Incarnation parse(String text) {
    int end = text.lastIndexOf(SEPARATOR);
    return new Incarnation(text.substring(0, Math.max(end, 0)), text.substring(end + 1));
  }

  String text() {
    return machine + SEPARATOR + id;
  }

  /** The machine's name for a person. */
  String host() {
    int end = machine.indexOf(SEPARATOR);
    return end < 0 ? machine : machine.substring(0, end);
  }

  private static String hostName() {
    try {
      return InetAddress.getLocalHost().getHostName();
    } catch (UnknownHostException unnamed) {
      return "unnamed";
    }
  }

  private static String boot() {
    if (!Files.isReadable(BOOT)) {
      return "";
    }
    try {
      return Files.readString(BOOT).strip();
    } catch (IOException failed) {
      throw new UncheckedIOException(failed);
    }
  }
}
