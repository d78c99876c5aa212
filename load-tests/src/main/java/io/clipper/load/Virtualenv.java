package io.clipper.load;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** Python environments, each made once from its pinned requirements. */
final class Virtualenv {
  private Virtualenv() {}

  /** Where its programs are; blocks until all is installed. */
  static Path programs(String name, Path requirements) throws IOException, InterruptedException {
    Path environment = Path.of("target", name).toAbsolutePath();
    Path programs = environment.resolve("bin");
    Path complete = environment.resolve("complete");
    if (!Files.exists(complete)) {
      run("python3", "-m", "venv", "--clear", environment.toString());
      run(programs.resolve("python").toString(), "-m", "pip", "install", "--quiet", "-r", requirements.toAbsolutePath().toString());
      Files.createFile(complete);
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
