package io.clipper.model.runtime.onnx;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ClassLabelsTest {
  @ParameterizedTest
  @ValueSource(strings = {"linear", "tree", "network", "bayes", "calibrated"})
  void everyKindOfGraphTellsItsClasses(String kind) throws IOException {
    assertThat(ClassLabels.find(OnnxModels.file(kind + "-numbers"), "label")).containsExactly("3", "5", "9");
    assertThat(ClassLabels.find(OnnxModels.file(kind + "-texts"), "label")).containsExactly("ant", "bee", "cat");
  }

  @Test
  void aGraphThatNamesNoClassesHasNone() throws IOException {
    assertThat(ClassLabels.find(OnnxModels.file("counted-labels"), "label")).isEmpty();
    assertThat(ClassLabels.find(OnnxModels.file("several-inputs"), "same_name")).isEmpty();
  }

  @Test
  void anOutputFromElsewhereTakesTheClassesThatTheGraphAgreesOn() throws IOException {
    assertThat(ClassLabels.find(OnnxModels.file("tree-numbers"), "elsewhere")).containsExactly("3", "5", "9");
  }

  @Test
  void aDamagedFileIsReadWithoutHarm() throws IOException {
    byte[] whole = Files.readAllBytes(OnnxModels.file("tree-texts"));
    for (int seed = 0; seed < 2000; seed++) {
      Random random = new Random(seed);
      byte[] damaged = Arrays.copyOf(whole, random.nextInt(whole.length));
      for (int i = 0; i < 5 && damaged.length > 0; i++) {
        damaged[random.nextInt(damaged.length)] = (byte) random.nextInt();
      }

      assertThat(ClassLabels.find(ByteBuffer.wrap(damaged), "label")).isInstanceOf(List.class);
    }
  }
}
