package io.clipper.feedback;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.clipper.certainty.Basis;
import io.clipper.certainty.Promise;
import io.clipper.feedback.LoggedQuery.Asked;
import io.clipper.feedback.LoggedQuery.Gave;
import io.clipper.feedback.LoggedQuery.Missing;
import io.clipper.feedback.LoggedQuery.NotAdmitted;
import io.clipper.model.ClassProbabilities;
import io.clipper.model.ModelId;
import io.clipper.model.NamedTensor;
import io.clipper.model.Output;
import io.clipper.model.Tensor;
import io.clipper.selection.Features;
import io.clipper.selection.Propensity;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoggedGroupTest {
  private static final ModelId FIRST = new ModelId("first", "1");
  private static final ModelId SECOND = new ModelId("second", "2");

  @Test
  void everyOutcomeComesBackAsItWas() {
    Output classified =
        new Output(
            List.of(new NamedTensor("label", Tensor.ofLongs(3).reshaped()), new NamedTensor("scores", Tensor.ofFloats(0.25f, 0.75f))),
            Optional.of(new ClassProbabilities(List.of("3", "8"), new double[] {0.25, 0.75})));
    LoggedQuery query =
        new LoggedQuery(
            "digits",
            1027,
            Optional.of("user"),
            List.of(
                new Asked(FIRST, 1, new Gave(classified, false)),
                new Asked(SECOND, 0.5, new Gave(Output.of("late"), true)),
                new Asked(FIRST, 1, new Missing()),
                new Asked(SECOND, 1, new NotAdmitted())),
            Optional.of(new LoggedQuery.Played(FIRST, 0.25)),
            List.of(FIRST),
            List.of(FIRST, SECOND));

    assertThat(LoggedGroup.read(GroupWriter.encode(List.of(query, query))).queries()).containsExactly(query, query);
  }

  @Test
  void featuresAndWhatProbabilitiesAreWorthComeBackToo() {
    for (Propensity propensity : Propensity.values()) {
      LoggedQuery query =
          new LoggedQuery(
              "digits", 1, Optional.empty(), List.of(), Optional.empty(), List.of(), List.of(FIRST), Features.of(.5, -1), propensity);

      assertThat(LoggedGroup.read(GroupWriter.encode(List.of(query, query))).queries()).containsExactly(query, query);
    }
  }

  @Test
  void promisesComeBackAsTheyWereMade() {
    Promise set =
        new Promise(
            new Basis.OfClasses(List.of("3", "8"), List.of(.75, .25)),
            Double.POSITIVE_INFINITY,
            OptionalDouble.empty(),
            false,
            4,
            OptionalDouble.of(.5),
            Optional.of("3"));
    Promise interval =
        new Promise(new Basis.OfNumber(-2.5), .125, OptionalDouble.of(.25), true, 4000, OptionalDouble.empty(), Optional.empty());
    List<LoggedQuery> queries = List.of(promising(1, set), promising(2, interval), query(3), promising(4, set));

    assertThat(LoggedGroup.of(queries).queries()).isEqualTo(queries);
  }

  /** It had no promise, and is otherwise written alike. */
  @Test
  void aGroupOfTheVersionBeforePromisesIsRead() {
    byte[] group = GroupWriter.encode(List.of(query(1)));
    byte[] earlier = Arrays.copyOf(group, group.length - 1);
    earlier[0] = 3;

    assertThat(LoggedGroup.read(earlier).queries()).containsExactly(query(1));
  }

  @Test
  void eachIsFoundByItsIdAndNoOther() {
    List<LoggedQuery> queries = LongStream.range(0, 100).map(i -> (i * 37) % 100 * 2).mapToObj(LoggedGroupTest::query).toList();
    LoggedGroup group = LoggedGroup.of(queries);

    for (long id = 0; id < 200; id += 2) {
      assertThat(group.find(id)).contains(query(id));
      assertThat(group.find(id + 1)).isEmpty();
    }
    assertThat(group.find(-1)).isEmpty();
    assertThat(group.firstId()).isZero();
    assertThat(group.lastId()).isEqualTo(198);
  }

  /** Written by hand as version 1 and 2 had it: each text where it first occurs. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void groupsOfEarlierVersionsAreRead(int version) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    DataOutputStream out = new DataOutputStream(bytes);
    out.writeByte(version);
    out.writeInt(2);
    for (long id = 1; id <= 2; id++) {
      text(out, "digits", id == 1 ? -1 : 0);
      out.writeLong(id);
      out.writeBoolean(false);
      out.writeShort(0);
      out.writeBoolean(false);
      out.writeShort(0);
      out.writeShort(1);
      text(out, "first:1", id == 1 ? -1 : 1);
      if (version == 2) {
        out.writeByte(0);
        out.writeByte(0);
      }
    }

    assertThat(LoggedGroup.read(bytes.toByteArray()).queries()).containsExactly(unasked(1), unasked(2));
  }

  @Test
  void aGroupOfAnotherVersionIsRefused() {
    byte[] group = GroupWriter.encode(List.of(query(1)));
    group[0] = 9;

    assertThatThrownBy(() -> LoggedGroup.read(group)).hasMessageContaining("version 9");
  }

  @Test
  void aQueryOfFiveModelsTakesFewBytes() {
    List<Asked> asked = Collections.nCopies(5, new Asked(FIRST, 1, new Gave(Output.of(3L), false)));
    LoggedQuery query = new LoggedQuery("digits", 1, Optional.empty(), asked, Optional.empty(), List.of(FIRST), List.of(FIRST));

    int one = GroupWriter.encode(List.of(query)).length;
    int two = GroupWriter.encode(List.of(query, query)).length;

    assertThat(two - one).isLessThan(220);
  }

  private static LoggedQuery promising(long id, Promise promise) {
    return new LoggedQuery(
        "digits", id, Optional.empty(), List.of(), Optional.empty(), List.of(), List.of(FIRST), Features.NONE, Propensity.EXACT, Optional.of(promise));
  }

  private static LoggedQuery query(long id) {
    List<Asked> asked = List.of(new Asked(FIRST, 1, new Gave(Output.of(id), false)));
    return new LoggedQuery("digits", id, Optional.of("user " + id), asked, Optional.empty(), List.of(FIRST), List.of(FIRST, SECOND));
  }

  private static LoggedQuery unasked(long id) {
    return new LoggedQuery("digits", id, Optional.empty(), List.of(), Optional.empty(), List.of(), List.of(FIRST));
  }

  private static void text(DataOutputStream out, String text, int number) throws IOException {
    out.writeShort(number);
    if (number < 0) {
      byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
      out.writeInt(utf8.length);
      out.write(utf8);
    }
  }
}
