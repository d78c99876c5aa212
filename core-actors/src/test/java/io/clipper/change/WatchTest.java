package io.clipper.change;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonAutoDetect.Visibility;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.module.paramnames.ParameterNamesModule;
import io.clipper.change.Changed.DataDrift;
import io.clipper.change.Changed.Worsened;
import io.clipper.model.ModelId;
import io.clipper.selection.Observation;
import io.clipper.selection.Observation.Judged;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class WatchTest {
  private static final int CHANGES_AT = 3_000;

  /** Chances of an error of each of five models. */
  private static final double[] FIVE = {.1, .12, .15, .2, .3};

  static Stream<Arguments> worlds() {
    return Stream.of(false, true).flatMap(together -> Stream.of(1L, 2L, 3L, 4L, 5L, 6L, 7L, 8L, 9L, 10L).map(seed -> Arguments.of(together, seed)));
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void oneModelThatErrsAFifthMoreIsSeenWithin350Labels(boolean together) {
    List<Integer> delays = new ArrayList<>();
    for (long seed = 1; seed <= 20; seed++) {
      Map<Integer, List<Changed>> noticed = run(FIVE, chances(0, .2), 1_000, together, seed);
      assertThat(noticed).isNotEmpty();
      assertThat(noticed.values().stream().flatMap(List::stream))
          .allMatch(changed -> changed instanceof Worsened worsened && worsened.model().equals(model(0)));
      delays.add(noticed.keySet().iterator().next() - CHANGES_AT);
    }
    Collections.sort(delays);
    assertThat(delays.getFirst()).isNotNegative();
    assertThat(delays.get(delays.size() / 2)).isLessThanOrEqualTo(350);
    assertThat(delays.getLast()).isLessThanOrEqualTo(500);
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void whereAllErrAFifthMoreNoModelIsToBlame(boolean together, long seed) {
    double[] then = Arrays.stream(FIVE).map(chance -> chance + .2).toArray();
    Map<Integer, List<Changed>> noticed = run(FIVE, then, 7_000, together, seed);
    assertThat(noticed.values()).allSatisfy(changes -> assertThat(changes).allMatch(DataDrift.class::isInstance));
    assertThat(noticed).isNotEmpty();
    assertThat(noticed.keySet().iterator().next()).isBetween(CHANGES_AT, CHANGES_AT + 500);
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void anImprovementIsNoNews(boolean together, long seed) {
    assertThat(run(FIVE, chances(4, -.25), 5_000, together, seed)).isEmpty();
  }

  @ParameterizedTest
  @MethodSource("worlds")
  void nothingIsNoticedWhereNothingChanges(boolean together, long seed) {
    assertThat(run(FIVE, FIVE, 7_000, together, seed)).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void ofTwoModelsTheWorseIsSeen(long seed) {
    Map<Integer, List<Changed>> noticed = run(new double[] {.1, .1}, new double[] {.5, .1}, 1_000, false, seed);
    assertThat(noticed.values().stream().flatMap(List::stream).filter(Worsened.class::isInstance).map(changed -> ((Worsened) changed).model()))
        .isNotEmpty()
        .containsOnly(model(0));
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void aModelThatIsAloneCanOnlyDriftWithItsData(long seed) {
    Map<Integer, List<Changed>> noticed = run(new double[] {.1}, new double[] {.3}, 2_000, false, seed);
    assertThat(noticed.values().stream().flatMap(List::stream)).isNotEmpty().allMatch(DataDrift.class::isInstance);
  }

  @Test
  void whatWasSeenOfAModelIsForgottenWithIt() {
    Watch watch = Watch.start().observe(observation(new double[] {1, 0})).watch();
    assertThat(watch.of(model(0))).isPresent();
    assertThat(watch.without(model(0)).of(model(0))).isEmpty();
    assertThat(watch.without(model(0)).of(model(1))).isPresent();
  }

  @Test
  void aWatchSurvivesTheJournal() throws IOException {
    Watch watch = Watch.start();
    RandomGenerator random = new SplittableRandom(1);
    for (int i = 0; i < 500; i++) {
      watch = watch.observe(observation(losses(FIVE, random, false))).watch();
    }
    for (ObjectMapper mapper :
        List.of(
            new ObjectMapper().registerModules(new Jdk8Module(), new ParameterNamesModule()),
            new ObjectMapper(new CBORFactory())
                .setVisibility(PropertyAccessor.FIELD, Visibility.ANY)
                .registerModules(new Jdk8Module(), new ParameterNamesModule()))) {
      assertThat(mapper.readValue(mapper.writeValueAsBytes(watch), Watch.class)).isEqualTo(watch);
      assertThat(mapper.readValue(mapper.writeValueAsBytes(Watch.start()), Watch.class)).isEqualTo(Watch.start());
    }
  }

  /** What was noticed, by the label at which it was. */
  private static Map<Integer, List<Changed>> run(double[] first, double[] then, int more, boolean together, long seed) {
    RandomGenerator random = new SplittableRandom(seed);
    Watch watch = Watch.start();
    Map<Integer, List<Changed>> noticed = new LinkedHashMap<>();
    for (int label = 0; label < CHANGES_AT + more; label++) {
      Watch.Noticed next = watch.observe(observation(losses(label < CHANGES_AT ? first : then, random, together)));
      watch = next.watch();
      if (!next.changes().isEmpty()) {
        noticed.put(label, next.changes());
      }
    }
    return noticed;
  }

  /** @param together whether one input is hard for all of them, rather than each erring by itself */
  private static double[] losses(double[] chances, RandomGenerator random, boolean together) {
    double hardness = random.nextDouble();
    return Arrays.stream(chances).map(chance -> (together ? hardness : random.nextDouble()) < chance ? 1 : 0).toArray();
  }

  private static Observation observation(double[] losses) {
    List<Judged> judged = new ArrayList<>();
    List<ModelId> models = new ArrayList<>();
    for (int i = 0; i < losses.length; i++) {
      models.add(model(i));
      judged.add(new Judged(model(i), losses[i], 1));
    }
    return new Observation(judged, models);
  }

  private static double[] chances(int model, double more) {
    double[] chances = FIVE.clone();
    chances[model] += more;
    return chances;
  }

  private static ModelId model(int index) {
    return new ModelId("m" + index, "1");
  }
}
