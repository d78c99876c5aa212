package io.clipper.node.command;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;

/** Files that a user names. */
final class UserFiles {
  private UserFiles() {}

  static byte[] bytes(Path file) {
    try {
      return Files.readAllBytes(file);
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }

  /** Before anything is made for what is in it. */
  static void checkThere(Path file) {
    if (!Files.isReadable(file)) {
      throw new UncheckedIOException(new NoSuchFileException(file.toString()));
    }
  }

  /** The file's text without blanks around it. */
  static String secret(Path file) {
    try {
      return Files.readString(file).strip();
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
