package io.clipper.node.command;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.List;
import org.junit.jupiter.api.Test;

class CanariesTest {
  private static final String IN_USE = "{'model_name':'m','model_version':'1','is_current_version':true}";
  private static final String CANARY = "{'model_name':'m','model_version':'2','is_current_version':false,'canary_percent':10}";
  private static final String OTHER = "{'model_name':'n','model_version':'2','is_current_version':true}";

  @Test
  void withoutACanaryThereIsNothingToSay() {
    assertThat(lines("[%s,%s]".formatted(IN_USE, OTHER), "{'a':{'candidates':[%s]}}".formatted(candidate("m", "1", 3, "0.5")))).isEmpty();
  }

  @Test
  void eachApplicationThatAsksBothTellsTheErrorOfBoth() {
    String learned =
        "{'a':{'candidates':[%s,%s]},'b':{'candidates':[%s,%s]}}"
            .formatted(
                candidate("m", "1", 90, "0.25"), candidate("m", "2", 10, "0.125"), candidate("m", "2", 4, "1.5"), candidate("m", "1", 6, "0.0"));

    assertThat(lines("[%s,%s]".formatted(IN_USE, CANARY), learned))
        .containsExactly(
            "version 2 of model m takes 10 % of its queries",
            "  in a: mean loss 0.1250 of 10 observations; in use: mean loss 0.2500 of 90 observations",
            "  in b: mean loss 1.5000 of 4 observations; in use: mean loss 0.0000 of 6 observations");
  }

  @Test
  void anotherModelsVersionOfTheSameNumberIsNotMistakenForIt() {
    String learned =
        "{'a':{'candidates':[%s,%s,%s]},'b':{'candidates':[%s]}}"
            .formatted(candidate("n", "2", 7, "0.75"), candidate("m", "2", 1, "0.5"), candidate("m", "1", 2, "0.25"), candidate("n", "2", 7, "0.75"));

    assertThat(lines("[%s,%s,%s]".formatted(OTHER, CANARY, IN_USE), learned))
        .containsExactly(
            "version 2 of model m takes 10 % of its queries",
            "  in a: mean loss 0.5000 of 1 observations; in use: mean loss 0.2500 of 2 observations");
  }

  @Test
  void whatHasNoFeedbackHasNoError() {
    String learned = "{'a':{'candidates':[%s,%s]}}".formatted(candidate("m", "2", 0, "null"), candidate("m", "1", 5, "0.5"));

    assertThat(lines("[%s,%s]".formatted(IN_USE, CANARY), learned)).last().isEqualTo("  in a: no feedback yet; in use: mean loss 0.5000 of 5 observations");
  }

  @Test
  void whereTheVersionInUseHasLearnedNothingThereItSaysSo() {
    String learned = "{'a':{'candidates':[%s]}}".formatted(candidate("m", "2", 5, "0.5"));

    assertThat(lines("[%s,%s]".formatted(IN_USE, CANARY), learned)).last().isEqualTo("  in a: mean loss 0.5000 of 5 observations; in use: nothing");
  }

  private static String candidate(String model, String version, int observations, String meanLoss) {
    return "{'model':'%s','version':'%s','observations':%d,'mean_loss':%s}".formatted(model, version, observations, meanLoss);
  }

  /** Of JSON with single quotes. */
  private static List<String> lines(String models, String learned) {
    return Canaries.lines(json(models), json(learned));
  }

  private static JsonNode json(String text) {
    try {
      return new ObjectMapper().readTree(text.replace('\'', '"'));
    } catch (JsonProcessingException broken) {
      throw new AssertionError(text, broken);
    }
  }
}
