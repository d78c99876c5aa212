package io.clipper.node.command;

import java.io.UncheckedIOException;
import java.nio.charset.MalformedInputException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;

/** What went wrong, in words for whoever typed the command. */
final class Causes {
  private Causes() {}

  static String of(Throwable failure) {
    return switch (failure) {
      case UncheckedIOException wrapped -> wrapped.getCause() == null ? said(wrapped) : of(wrapped.getCause());
      case NoSuchFileException missing -> "no such file or folder: " + missing.getFile();
      case AccessDeniedException denied -> "no right to open " + denied.getFile();
      case FileSystemException file -> "%s: %s".formatted(file.getFile(), file.getReason());
      case MalformedInputException bytes -> "the file is not UTF-8 text: " + said(bytes);
      default -> said(failure);
    };
  }

  private static String said(Throwable failure) {
    String message = failure.getMessage();
    return message == null ? failure.getClass().getSimpleName() : message;
  }
}
