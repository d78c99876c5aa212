package io.clipper.model.runtime.onnx;

import io.clipper.model.Input;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** A program that loads, uses and closes a model a hundred times, and prints its resident kilobytes after the tenth and the last. */
final class LoadsAndUnloads {
  private LoadsAndUnloads() {}

  public static void main(String[] arguments) throws IOException, ModelLoadException {
    for (int load = 1; load <= 100; load++) {
      try (ModelRuntime model = OnnxModels.load(Path.of(arguments[0]))) {
        OnnxModels.predict(model, List.of(Input.doubles(new double[64])));
      }
      if (load == 10 || load == 100) {
        System.out.println(residentKilobytes());
      }
    }
  }

  private static long residentKilobytes() throws IOException {
    return Files.readAllLines(Path.of("/proc/self/status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
        .findFirst()
        .orElseThrow();
  }
}
