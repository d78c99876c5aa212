package io.clipper.wire;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.ReplyTo;
import io.clipper.application.ApplicationActor;
import io.clipper.application.LearnedState;
import io.clipper.application.Query;
import io.clipper.model.Datatype;
import io.clipper.model.Input;
import io.clipper.model.InputType;
import io.clipper.model.Tensor;
import io.clipper.replica.ModelReplicaActor;
import io.clipper.replica.ReplicaStatus;
import java.io.IOException;
import java.io.NotSerializableException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.OptionalLong;
import java.util.Random;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.ActorRefResolver;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.DisabledJavaSerializer;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.util.Version;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

class WireSerializerTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final ActorTestKit ACTORS =
      ActorTestKit.create(
          ConfigFactory.parseString(
                  """
                  pekko.actor.provider = cluster
                  pekko.remote.artery.canonical { hostname = "127.0.0.1", port = 0 }
                  """)
              .withFallback(ConfigFactory.parseResources("clipper-node.conf"))
              .withFallback(ConfigFactory.load()));
  private static final ActorRefResolver RESOLVER = ActorRefResolver.get(ACTORS.system());
  private static final int LIMIT = 64 << 10;

  private final AtomicLong clock = new AtomicLong(Messages.NOW);
  private final WireSerializer serializer = new WireSerializer(new WireSettings(LIMIT), RESOLVER, clock::get);

  @AfterAll
  static void stop() {
    ACTORS.shutdownTestKit();
  }

  @Test
  void everyMessageComesBackAsItWas() throws Exception {
    serializer.write(WireSerializer.VERSION);
    for (Object message : Messages.all(RESOLVER).values()) {
      assertThat(serializer.fromBinary(serializer.toBinary(message), "1")).isEqualTo(message);
    }
    assertThat(serializer.refused()).isZero();
  }

  /** A file is never changed for a version that was released: the bytes of another form are another version's. */
  @Test
  void theBytesOfEveryMessageAreThoseOfTheNewestVersion() throws Exception {
    Map<String, Object> examples = Messages.all(RESOLVER);
    List<String> golden = golden("version-3.txt");
    serializer.write(3);

    assertThat(examples.entrySet().stream().map(this::line).toList()).isEqualTo(golden);
    for (String line : golden) {
      assertThat(read(line)).isEqualTo(examples.get(line.substring(0, line.indexOf(' '))));
    }
  }

  /** What older releases write and read: without what they have no field for. */
  @Test
  void theBytesOfOlderVersionsAreStillReadAndWritten() throws Exception {
    Map<String, Object> asOfTheSecond = asReadByTheSecond(Messages.all(RESOLVER));

    assertThat(serializer.written()).as("until it is known what all read").isEqualTo(1);
    writesAndReads("version-1.txt", asReadByTheFirst(asOfTheSecond));
    serializer.write(2);
    writesAndReads("version-2.txt", asOfTheSecond);
  }

  private void writesAndReads(String name, Map<String, Object> read) throws Exception {
    List<String> golden = golden(name);

    assertThat(Messages.all(RESOLVER).entrySet().stream().map(this::line).filter(line -> read.containsKey(nameOf(line))).toList()).isEqualTo(golden);
    for (String line : golden) {
      assertThat(read(line)).isEqualTo(read.get(nameOf(line)));
    }
  }

  private static String nameOf(String line) {
    return line.substring(0, line.indexOf(' '));
  }

  private static Map<String, Object> asReadByTheSecond(Map<String, Object> newest) {
    Map<String, Object> examples = new LinkedHashMap<>(newest);
    examples.remove("application-predicted-untold"); // it is not there for their sake
    examples.computeIfPresent("application-predicted", (name, it) -> untold((ApplicationActor.Predicted) it));
    examples.computeIfPresent("replica-predicted", (name, it) -> untold((ModelReplicaActor.Predicted) it));
    return examples;
  }

  private static Map<String, Object> asReadByTheFirst(Map<String, Object> second) {
    Map<String, Object> examples = new LinkedHashMap<>(second);
    examples.computeIfPresent("learned-state", (name, state) -> withoutPartitions((LearnedState) state));
    examples.computeIfPresent("refused-too-large", (name, refused) -> new Refused(Refused.Reason.INVALID, "too large"));
    examples.computeIfPresent("not-served-too-large", (name, not) -> new ApplicationActor.NotServed(4, Refused.Reason.INVALID, "too large"));
    examples.computeIfPresent("not-predicted-too-slow", (name, not) -> new ModelReplicaActor.NotPredicted(8, ModelReplicaActor.Reason.FAILED, "slow"));
    examples.computeIfPresent("not-predicted-unreturned", (name, not) -> new ModelReplicaActor.NotPredicted(9, ModelReplicaActor.Reason.FAILED, "hung"));
    examples.computeIfPresent("not-predicted-blocked", (name, not) -> new ModelReplicaActor.NotPredicted(10, ModelReplicaActor.Reason.FAILED, "hung"));
    return examples;
  }

  private static ApplicationActor.Predicted untold(ApplicationActor.Predicted it) {
    return new ApplicationActor.Predicted(it.correlation(), it.prediction(), OptionalLong.empty());
  }

  private static ModelReplicaActor.Predicted untold(ModelReplicaActor.Predicted it) {
    return new ModelReplicaActor.Predicted(it.flight(), it.output(), OptionalLong.empty());
  }

  @Test
  void itWritesNoVersionThatItDoesNotHave() {
    serializer.write(7);
    assertThat(serializer.written()).isEqualTo(WireSerializer.VERSION);
    assertThat(serializer.manifest("anything")).isEqualTo(Integer.toString(WireSerializer.VERSION));

    serializer.write(0);
    assertThat(serializer.written()).isEqualTo(WireSerializer.OLDEST_VERSION);
  }

  @Test
  void aNodesSettingsNameTheNewestVersionThatItReads() {
    String appVersion = ConfigFactory.parseResources("clipper-node.conf").getString("pekko.cluster.app-version");

    assertThat(WireVersionActor.read(new Version(appVersion))).isEqualTo(WireSerializer.VERSION);
    assertThat(WireVersionActor.read(new Version("1.4.2-SNAPSHOT"))).isEqualTo(1);
    assertThat(WireVersionActor.read(new Version("unknown"))).isEqualTo(WireSerializer.OLDEST_VERSION);
  }

  /** An enumeration's constants are written by their place. */
  @Test
  void enumerationsKeepTheirOrder() {
    assertThat(Arrays.toString(Datatype.values()))
        .isEqualTo("[BOOL, UINT8, UINT16, UINT32, UINT64, INT8, INT16, INT32, INT64, FP16, FP32, FP64, BF16, BYTES]");
    assertThat(Arrays.toString(Refused.Reason.values())).isEqualTo("[INVALID, NOT_FOUND, EXISTS, CONFLICT, UNAVAILABLE, TOO_LARGE]");
    assertThat(Arrays.toString(ReplicaStatus.State.values())).isEqualTo("[LOADING, READY, RESTARTING, FAILED, DRAINING]");
    assertThat(Arrays.toString(ModelReplicaActor.Reason.values())).isEqualTo("[EXPIRED, OVERLOADED, FAILED, STOPPED, LOST, TOO_SLOW, UNRETURNED, BLOCKED]");
  }

  @Test
  void aDeadlineIsTheTimeThatIsLeftOnTheReadersClock() throws Exception {
    byte[] bytes = serializer.toBinary(Objects.requireNonNull(Messages.all(RESOLVER).get("application-predict")));
    clock.set(-5_000_000);

    ApplicationActor.Predict read = (ApplicationActor.Predict) serializer.fromBinary(bytes, "1");

    assertThat(read.deadlineNanos()).isEqualTo(-5_000_000 + 25_000_000);
  }

  @Test
  void whatWaitsInThisJvmCannotBeAnsweredFromAnother() {
    var here = new ApplicationActor.Predict(Query.of("digits", Input.doubles(1)), Messages.NOW, 1, new ReplyTo.Here<>(reply -> {}));

    assertThatThrownBy(() -> serializer.toBinary(here)).isInstanceOf(IllegalArgumentException.class).hasMessageContaining("this JVM");
    assertThat(serializer.refused()).isEqualTo(1);
  }

  @Test
  void whatIsNotInTheTableIsRefusedAndCounted() {
    assertThatThrownBy(() -> serializer.toBinary(InputType.BYTES)).hasMessageContaining("InputType");
    assertThatThrownBy(() -> serializer.fromBinary(new byte[] {1, 126, 0}, "1")).isInstanceOf(NotSerializableException.class);
    byte[] ofTomorrow = serializer.toBinary(new ModelReplicaActor.Predict(1, Input.doubles(1), 1, someone()));
    ofTomorrow[0] = 4;
    assertThatThrownBy(() -> serializer.fromBinary(ofTomorrow, "4"))
        .isInstanceOf(NotSerializableException.class)
        .hasMessageContaining("version 4");

    assertThat(serializer.refused()).isEqualTo(3);
  }

  @Test
  void brokenBytesAreRefusedWhateverTheySay() throws Exception {
    Random random = new Random(11);
    int refused = 0;
    for (Object message : Messages.all(RESOLVER).values()) {
      byte[] bytes = serializer.toBinary(message);
      for (int i = 0; i < 200; i++) {
        byte[] broken = Arrays.copyOf(bytes, i % 2 == 0 ? bytes.length : random.nextInt(bytes.length));
        if (i % 2 == 0) {
          broken[random.nextInt(broken.length)] ^= (byte) (1 + random.nextInt(255));
        }
        Throwable thrown = catchThrowable(() -> serializer.fromBinary(broken, "1"));
        if (thrown != null) {
          assertThat(thrown).isInstanceOf(NotSerializableException.class);
          refused++;
        }
      }
    }
    assertThat(serializer.refused()).isEqualTo(refused).isGreaterThan(2000);
  }

  @Test
  void aMessageAtTheLimitGoesAndOneBeyondDoesNot() throws Exception {
    ModelReplicaActor.Predict largest = new ModelReplicaActor.Predict(1, Input.of(Tensor.ofUnsignedBytes(new byte[LIMIT])), clock.get() + 1000, someone());
    ModelReplicaActor.Predict tooLarge = new ModelReplicaActor.Predict(1, Input.of(Tensor.ofUnsignedBytes(new byte[LIMIT * 2])), clock.get() + 1000, someone());

    assertThat(serializer.fromBinary(serializer.toBinary(largest), "1")).isEqualTo(largest);
    assertThatThrownBy(() -> serializer.toBinary(tooLarge)).isInstanceOf(IllegalArgumentException.class);
    assertThat(serializer.fromBinary(serializer.toBinary(largest), "1")).as("after a refusal").isEqualTo(largest);
  }

  @Test
  void everyMessageIsBoundToThisSerializerAndNothingToJavas() throws Exception {
    var serialization = SerializationExtension.get(Adapter.toClassic(ACTORS.system()));

    for (String name : Messages.all(RESOLVER).keySet()) {
      Object message = Objects.requireNonNull(Messages.all(RESOLVER).get(name));
      if (Protocols.isSentByItself(message.getClass())) {
        assertThat(serialization.serializerFor(message.getClass())).as(name).isInstanceOf(WireSerializer.class);
      }
    }
    assertThat(serialization.serializerFor(InputType.class)).isInstanceOf(DisabledJavaSerializer.class);
    assertThat(WireSerializer.of(ACTORS.system())).isSameAs(serialization.serializerFor(ModelReplicaActor.Predict.class));
  }

  @Test
  void framesAreAsLargeAsTheLimitAsks() {
    var config = WireSettings.framed(ConfigFactory.parseString("clipper.size-limit = 1 MiB"));

    assertThat(config.getBytes("pekko.remote.artery.advanced.maximum-large-frame-size")).isEqualTo((1 << 20) + (64 << 10));
  }

  private static ActorRef<ModelReplicaActor.Reply> someone() {
    return ACTORS.system().deadLetters();
  }

  private String line(Map.Entry<String, Object> example) {
    return example.getKey() + " " + HEX.formatHex(serializer.toBinary(example.getValue()));
  }

  private Object read(String line) throws NotSerializableException {
    return serializer.fromBinary(HEX.parseHex(line.substring(line.indexOf(' ') + 1)), "");
  }

  private static LearnedState withoutPartitions(LearnedState state) {
    return new LearnedState(state.policy(), state.observations(), state.candidates(), state.assured(), state.changes(), List.of());
  }

  private static List<String> golden(String name) throws IOException {
    try (var stream = Objects.requireNonNull(WireSerializerTest.class.getResourceAsStream(name), name)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
