package io.clipper.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Python environments, each made once from its pinned requirements, and again when these are others. */
final class Virtualenv {
  private Virtualenv() {}

  /** Where the programs of the one of that name are; blocks until all is installed. */
  static Path programs(String name, Path requirements) throws IOException, InterruptedException {
    Path environment = Path.of("target", name).toAbsolutePath();
    Path programs = environment.resolve("bin");
    Path installed = environment.resolve("installed.txt");
    if (!Files.exists(installed) || Files.mismatch(installed, requirements) >= 0) {
      run("python3", "-m", "venv", "--clear", environment.toString());
      run(programs.resolve("python").toString(), "-m", "pip", "install", "--quiet", "-r", requirements.toAbsolutePath().toString());
      Files.copy(requirements, installed);
    }
    return programs;
  }

  private static void run(String... command) throws IOException, InterruptedException {
    int status = new ProcessBuilder(command).inheritIO().start().waitFor();
    if (status != 0) {
      throw new IOException("%s ended with %d".formatted(String.join(" ", command), status));
    }
  }
}
