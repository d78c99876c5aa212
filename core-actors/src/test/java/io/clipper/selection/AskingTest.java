package io.clipper.selection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.clipper.model.ModelId;
import java.util.List;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.junit.jupiter.api.Test;

class AskingTest {
  private final RandomGenerator random = World.random(7);
  private final List<ModelId> models = World.models(5);

  @Test
  void onePlaysEachAsOftenAsItsWeightSays() {
    int[] played = new int[5];
    for (int i = 0; i < 20_000; i++) {
      Selection selection = Asking.one(models, new double[] {.5, 0, .2, .3, 0}, Propensity.EXACT, random);
      played[models.indexOf(selection.played().orElseThrow())]++;
    }
    assertThat(played[0]).isBetween(9_700, 10_300);
    assertThat(played[2]).isBetween(3_800, 4_200);
    assertThat(played[1] + played[4]).isZero();
  }

  @Test
  void whatIsPlayedCarriesTheProbabilityItWasDrawnWith() {
    Selection selection = Asking.one(models, new double[] {0, 0, 0, 1, 0}, Propensity.EXACT, random);
    assertThat(selection.asked()).containsExactly(new Selection.Choice(models.get(3), 1, 1));
    assertThat(selection.played()).contains(models.get(3));
  }

  @Test
  void whatRoundingLeavesOverFallsToOneThatCanBeDrawn() {
    Selection selection = Asking.one(models, new double[] {.1, .1, 0, 0, 0}, Propensity.EXACT, () -> -1L);
    assertThat(selection.played()).contains(models.get(1));
  }

  @Test
  void allAreAskedWhereThereAreNoMoreThanMayBe() {
    Selection selection = Asking.many(models, Shares.equal(5), 5, random);
    assertThat(selection.asked()).extracting(Selection.Choice::model).isEqualTo(models);
    assertThat(selection.asked()).allSatisfy(choice -> assertThat(choice.probability()).isEqualTo(1));
    assertThat(selection.played()).isEmpty();
  }

  @Test
  void ofMoreTheHeaviestAreAskedAndOneOfTheRestByLot() {
    int[] asked = new int[5];
    for (int i = 0; i < 9_000; i++) {
      for (Selection.Choice choice : Asking.many(models, new double[] {.1, .3, .1, .4, .1}, 3, random).asked()) {
        int index = models.indexOf(choice.model());
        asked[index]++;
        assertThat(choice.probability()).isEqualTo(index == 1 || index == 3 ? 1 : 1.0 / 3);
      }
    }
    assertThat(asked[1]).isEqualTo(9_000);
    assertThat(asked[3]).isEqualTo(9_000);
    assertThat(asked[0]).isBetween(2_800, 3_200);
    assertThat(asked[2]).isBetween(2_800, 3_200);
  }

  @Test
  void ofEqualWeightsTheEarlierCandidatesAreAsked() {
    Selection selection = Asking.many(models, Shares.equal(5), 4, random);
    assertThat(selection.asked().subList(0, 3)).extracting(Selection.Choice::model).isEqualTo(models.subList(0, 3));
    assertThat(selection.asked()).hasSize(4);
  }

  @Test
  void aShadowAsksAllAsOftenAsItsShareAndEachIsObservedAsOftenAsItSays() {
    double[] weights = {.5, 0, .2, .3, 0};
    checkShadow(weights, () -> Asking.one(models, weights, Propensity.EXACT, random), new double[] {.6, .2, .36, .44, .2});
    checkShadow(weights, () -> Asking.many(models, weights, 3, random), new double[] {1, .2 + .8 / 3, .2 + .8 / 3, 1, .2 + .8 / 3});
  }

  private void checkShadow(double[] weights, Supplier<Selection> unshadowed, double[] observed) {
    int[] asked = new int[5];
    for (int i = 0; i < 20_000; i++) {
      Selection selection = Asking.shadowed(unshadowed.get(), models, () -> weights, .2, random);
      for (Selection.Choice choice : selection.asked()) {
        int index = models.indexOf(choice.model());
        asked[index]++;
        assertThat(choice.probability()).isEqualTo(observed[index], within(1e-12));
        assertThat(choice.weight()).isEqualTo(weights[index]);
      }
    }
    for (int i = 0; i < 5; i++) {
      assertThat(asked[i] / 20_000.0).isEqualTo(observed[i], within(0.015));
    }
  }

  @Test
  void oneThatMayBeAskedIsOneByLot() {
    Selection selection = Asking.many(models, new double[] {1, 0, 0, 0, 0}, 1, random);
    assertThat(selection.asked()).singleElement().satisfies(choice -> assertThat(choice.probability()).isEqualTo(0.2));
    assertThatThrownBy(() -> Asking.many(models, Shares.equal(5), 0, random)).hasMessageContaining("at least 1 model, not 0");
  }
}
