package io.clipper.storage;

import java.io.IOException;
import java.nio.file.Path;

/** Another process that has a data directory open until its standard input ends. */
final class HoldsTheDirectory {
  static final String READY = "ready";

  private HoldsTheDirectory() {}

  public static void main(String[] arguments) throws IOException {
    try (Database held = Database.in(Path.of(arguments[0]))) {
      System.out.println(held.isH2() ? READY : "not the database that was expected");
      int end = System.in.read();
      System.out.println(end);
    }
  }
}
