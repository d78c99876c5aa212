package io.clipper.artifact;

import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** The SHA-256 of a file: of its bytes, as {@code sha256sum} prints it. */
final class Digest {
  private static final int CHUNK = 1 << 16;

  private final MessageDigest sha256 = sha256();

  static byte[] of(InputStream in) throws IOException {
    Digest digest = new Digest();
    byte[] chunk = new byte[CHUNK];
    for (int read = in.read(chunk); read >= 0; read = in.read(chunk)) {
      digest.sha256.update(chunk, 0, read);
    }
    return digest.bytes();
  }

  static String hex(byte[] digest) {
    return HexFormat.of().formatHex(digest);
  }

  /** Throws {@link io.clipper.Refused} where the source fails, and {@link IOException} where the disk does. */
  void copy(Source source, InputStream in, FileChannel out) throws IOException {
    byte[] chunk = new byte[CHUNK];
    for (int read = read(source, in, chunk); read >= 0; read = read(source, in, chunk)) {
      sha256.update(chunk, 0, read);
      ByteBuffer bytes = ByteBuffer.wrap(chunk, 0, read);
      while (bytes.hasRemaining()) {
        out.write(bytes);
      }
    }
  }

  byte[] bytes() {
    return sha256.digest();
  }

  private static int read(Source source, InputStream in, byte[] chunk) {
    try {
      return in.read(chunk);
    } catch (IOException failed) {
      throw source.unreadable(failed);
    }
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException impossible) {
      throw new AssertionError("every Java platform has SHA-256", impossible);
    }
  }

  /**
   * The SHA-256 of a folder: of each file's name, size and digest, in the order of names. Times, permissions and empty folders do not
   * count.
   */
  static final class OfFolder {
    private final MessageDigest sha256 = sha256();

    OfFolder() {
      sha256.update("clipper-folder-1\n".getBytes(StandardCharsets.UTF_8));
    }

    void add(String name, long size, byte[] content) {
      byte[] utf8 = name.getBytes(StandardCharsets.UTF_8);
      sha256.update(ByteBuffer.allocate(Integer.BYTES).putInt(utf8.length).flip());
      sha256.update(utf8);
      sha256.update(ByteBuffer.allocate(Long.BYTES).putLong(size).flip());
      sha256.update(content);
    }

    String hex() {
      return Digest.hex(sha256.digest());
    }
  }
}
