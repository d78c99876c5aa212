package io.clipper.model.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.model.Input;
import io.clipper.model.Output;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DigitsTest {
  private static final Path DIGITS = Path.of("../examples/digits");

  @ParameterizedTest
  @ValueSource(
      strings = {
        "models/logistic-regression/1",
        "models/linear-svm/1",
        "models/random-forest/1",
        "models/neural-network/1",
        "models/naive-bayes/1",
        "models-faulty/linear-svm/2",
        "models-faulty/neural-network/2",
        "models-faulty/logistic-regression/2",
      })
  void everyModelHasTheAccuracyThatItsTrainingWroteDown(String version) throws IOException, ModelLoadException {
    List<String[]> rows = Files.readAllLines(DIGITS.resolve("held-out.csv")).stream().skip(1).map(line -> line.split(",", -1)).toList();
    try (ModelRuntime model = OnnxModels.load(DIGITS.resolve(version).resolve("model.onnx"))) {
      List<Output> outputs = OnnxModels.predict(model, rows.stream().map(DigitsTest::pixels).toList());

      long right = IntStream.range(0, rows.size()).filter(i -> outputs.get(i).label().orElseThrow().equals(rows.get(i)[0])).count();
      assertThat(Math.round(1e4 * right / rows.size()) / 1e4).isEqualTo(writtenDown(version));
      assertThat(outputs).allSatisfy(output -> assertThat(output.probabilities().orElseThrow().classes()).containsExactly(TEN));
      assertThat(outputs).allSatisfy(output -> assertThat(mostProbable(output)).isEqualTo(output.label().orElseThrow()));
    }
  }

  private static final String[] TEN = IntStream.range(0, 10).mapToObj(Integer::toString).toArray(String[]::new);

  private static String mostProbable(Output output) {
    return Arrays.stream(TEN).reduce((one, other) -> probability(output, other) > probability(output, one) ? other : one).orElseThrow();
  }

  private static double probability(Output output, String digit) {
    return output.probabilities().orElseThrow().of(digit);
  }

  private static Input pixels(String[] row) {
    return Input.doubles(Arrays.stream(row).skip(1).mapToDouble(Double::parseDouble).toArray());
  }

  private static double writtenDown(String version) throws IOException {
    String[] path = version.split("/", -1);
    Pattern figure = Pattern.compile("\"%s\": \\{[^}]*\"%s\": ([0-9.]+)".formatted(path[1], path[2]));
    Matcher found = figure.matcher(Files.readString(DIGITS.resolve("accuracy.json")));
    assertThat(found.find()).isTrue();
    return Double.parseDouble(found.group(1));
  }
}
