package io.clipper.catalog;

import static io.clipper.catalog.CatalogExamples.ANY;
import static io.clipper.catalog.CatalogExamples.add;
import static io.clipper.catalog.CatalogExamples.after;
import static io.clipper.catalog.CatalogExamples.application;
import static io.clipper.catalog.CatalogExamples.link;
import static io.clipper.catalog.CatalogExamples.version;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.typesafe.config.ConfigFactory;
import io.clipper.Refused;
import io.clipper.model.Datatype;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import io.clipper.model.runtime.RuntimeSpec;
import java.io.IOException;
import java.io.NotSerializableException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.testkit.typed.javadsl.TestProbe;
import org.apache.pekko.pattern.StatusReply;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit;
import org.apache.pekko.persistence.testkit.javadsl.EventSourcedBehaviorTestKit.CommandResultWithReply;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializer;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class CatalogActorTest {
  private static final CatalogChange[] BASE = {
    add(application("a", "integers")), add(version("m", "1", "integers")), add(version("m", "2", "integers")), link("a", "m")
  };

  private static final ActorTestKit ACTORS =
      ActorTestKit.create(EventSourcedBehaviorTestKit.config().withFallback(ConfigFactory.load()));

  private EventSourcedBehaviorTestKit<CatalogActor.Command, CatalogEvent, Catalog> catalog = catalog();

  @AfterAll
  static void stop() {
    ACTORS.shutdownTestKit();
  }

  private static EventSourcedBehaviorTestKit<CatalogActor.Command, CatalogEvent, Catalog> catalog() {
    return EventSourcedBehaviorTestKit.create(
        ACTORS.system(),
        CatalogActor.create(ANY),
        EventSourcedBehaviorTestKit.enabledSerializationSettings().withVerifyEquality(true));
  }

  @BeforeEach
  void startEmpty() {
    catalog.clear();
  }

  @ParameterizedTest
  @MethodSource("changes")
  void everyChangeIsDurableAsItWasAsked(CatalogChange change) {
    Catalog before = after(BASE);
    for (CatalogChange earlier : BASE) {
      assertThat(change(earlier).reply().isSuccess()).isTrue();
    }

    CommandResultWithReply<CatalogActor.Command, CatalogEvent, Catalog, StatusReply<Catalog>> result = change(change);

    assertThat(result.events()).isNotEmpty();
    assertThat(result.reply().getValue()).isEqualTo(after(before, change));
    assertThat(catalog.restart().state()).isEqualTo(after(before, change));
  }

  private static Stream<CatalogChange> changes() {
    LearningSettings all =
        new LearningSettings(
            Optional.of("exp4"), Map.of("eta", 0.3), Optional.of("stacking"), Map.of("rate", 0.2), "zero-one", Optional.of("weighted"), Optional.of(0.5),
            0.1, "refuse", "one", 0.25, 0.9, 0.4, 3, new CertaintySettings(Optional.of(0.9), "platt", "adwin"));
    Application full =
        new Application("full", Signature.named("integers"), Duration.ofNanos(1_234_567), "{\"x\":\"é\"}", all, List.of("m"));
    ModelVersion onnx =
        ModelVersion.of(new ModelId("n", "1"), Signature.named("integers"), new RuntimeSpec.Onnx(), Optional.of("f".repeat(64)));
    ModelVersion announced =
        ModelVersion.of(new ModelId("n", "1"), Signature.named("strings"), new RuntimeSpec.Announced(), Optional.empty());
    return Stream.of(
        add(full),
        new CatalogChange.UpdateApplication("a", Optional.of(Duration.ofSeconds(2)), Optional.of("z"), Optional.of(all)),
        new CatalogChange.DeleteApplication("a"),
        new CatalogChange.UnlinkModels("a", List.of("m")),
        add(announced),
        add(ofAnOptionalTensor()),
        new CatalogChange.Deploy(onnx, Optional.of(2), Optional.of(application("a", "integers"))),
        new CatalogChange.SetModelVersion("m", "1"),
        new CatalogChange.RollBack("m"),
        new CatalogChange.DeleteModelVersion("m", "2"),
        new CatalogChange.Deploy(version("m", "3", "integers"), Optional.empty(), Optional.empty(), Optional.of(10)),
        new CatalogChange.StartCanary("m", "1", 7),
        new CatalogChange.SetReplicas("m", 5));
  }

  private static Application ofAnOptionalTensor() {
    Signature masked = new Signature(List.of(new TensorSpec("x", Datatype.FP32, List.of(2L)), new TensorSpec("mask", Datatype.INT32, List.of(2L), true)));
    return new Application("masked", masked, Duration.ofMillis(20), "0", LearningSettings.DEFAULT, List.of());
  }

  /** Events were written before tensors could be optional. */
  @Test
  void aTensorOfAnEventThatDoesNotSayIsRequired() throws IOException {
    CatalogEvent event = after().decide(add(ofAnOptionalTensor()), ANY).getFirst();
    Serialization serialization = SerializationExtension.get(ACTORS.system());
    Serializer serializer = serialization.serializerFor(event.getClass());
    ObjectMapper cbor = new ObjectMapper(new CBORFactory());
    JsonNode old = cbor.readTree(serializer.toBinary(event));
    assertThat(old.findParents("optional")).hasSize(2).allSatisfy(tensor -> ((ObjectNode) tensor).remove("optional"));

    Object read =
        serialization.deserialize(cbor.writeValueAsBytes(old), serializer.identifier(), Serializers.manifestFor(serializer, event)).get();

    Signature signature = Catalog.EMPTY.after((CatalogEvent) read).application("masked").orElseThrow().signature();
    assertThat(signature.tensors()).extracting(TensorSpec::name).containsExactly("x", "mask");
    assertThat(signature.tensors()).noneMatch(TensorSpec::optional);
  }

  @Test
  void aCanaryIsDurableUntilItIsPromotedOrAborted() {
    for (CatalogChange earlier : BASE) {
      change(earlier);
    }
    change(new CatalogChange.StartCanary("m", "1", 7));
    assertThat(catalog.restart().state().model("m").orElseThrow().canary()).contains(new Canary("1", 7));

    change(new CatalogChange.AbortCanary("m"));
    assertThat(catalog.restart().state().model("m").orElseThrow().canary()).isEmpty();

    change(new CatalogChange.StartCanary("m", "1", 8));
    change(new CatalogChange.PromoteCanary("m", Optional.empty()));
    assertThat(catalog.restart().state().model("m").orElseThrow().current()).contains("1");
    assertThat(catalog.getState().model("m").orElseThrow().canary()).isEmpty();
  }

  @Test
  void everyKindOfChangeIsCovered() {
    Stream<CatalogChange> ofCanaries = Stream.of(new CatalogChange.PromoteCanary("m", Optional.empty()), new CatalogChange.AbortCanary("m"));
    assertThat(Stream.concat(Stream.concat(Stream.of(BASE), changes()), ofCanaries).map(Object::getClass).distinct().toList())
        .hasSize(CatalogChange.class.getPermittedSubclasses().length);
  }

  @Test
  void aRefusalIsAReplyAndNoEvent() {
    change(add(application("a", "doubles")));

    CommandResultWithReply<CatalogActor.Command, CatalogEvent, Catalog, StatusReply<Catalog>> result =
        change(add(application("a", "doubles")));

    assertThat(result.reply().getError()).isInstanceOf(Refused.class).hasMessage("application 'a' already exists");
    assertThat(result.hasNoEvents()).isTrue();
  }

  @Test
  void aRefusalKeepsItsReasonOnItsWayToAnotherNode() throws NotSerializableException {
    Serialization serialization = SerializationExtension.get(ACTORS.system());
    StatusReply<Catalog> sent = StatusReply.error(new Refused(Refused.Reason.CONFLICT, "it stands against it"));

    Serializer serializer = serialization.serializerFor(StatusReply.class);
    Object received =
        serialization.deserialize(serializer.toBinary(sent), serializer.identifier(), Serializers.manifestFor(serializer, sent)).get();

    Throwable error = ((StatusReply<?>) received).getError();
    assertThat(error).isInstanceOf(Refused.class).hasMessage("it stands against it");
    assertThat(((Refused) error).reason()).isEqualTo(Refused.Reason.CONFLICT);
  }

  @Test
  void subscribersHearEachNewCatalogOnceHoweverOftenTheyAsk() {
    TestProbe<CatalogActor.News> subscriber = ACTORS.createTestProbe();
    catalog.runCommand(new CatalogActor.Subscribe(-1, subscriber.getRef()));
    catalog.runCommand(new CatalogActor.Subscribe(0, subscriber.getRef()));

    change(add(application("a", "doubles")));
    change(add(application("a", "doubles")));
    change(add(application("b", "doubles")));

    assertThat(subscriber.expectMessageClass(CatalogActor.Published.class).catalog()).isEqualTo(Catalog.EMPTY);
    subscriber.expectMessageClass(CatalogActor.Unchanged.class);
    assertThat(subscriber.expectMessageClass(CatalogActor.Published.class).catalog().revision()).isEqualTo(1);
    assertThat(subscriber.expectMessageClass(CatalogActor.Published.class).catalog().revision()).isEqualTo(2);
  }

  @Test
  void aChangeThatCannotBeWrittenIsAnsweredSo() {
    change(add(application("a", "doubles")));
    catalog.persistenceTestKit().failNextPersisted(CatalogActor.PERSISTENCE_ID.id());

    StatusReply<Catalog> failed = change(add(application("b", "doubles"))).reply();
    StatusReply<Catalog> later = change(add(application("b", "doubles"))).reply();

    assertThat(failed.getError())
        .isEqualTo(
            new Refused(
                Refused.Reason.UNAVAILABLE, "the database does not answer; whether the change was made is not known: ask for it again"));
    assertThat(later.getValue().applications()).containsOnlyKeys("a", "b");
  }

  private CommandResultWithReply<CatalogActor.Command, CatalogEvent, Catalog, StatusReply<Catalog>> change(CatalogChange change) {
    return catalog.runCommand(replyTo -> new CatalogActor.Change(change, replyTo));
  }
}
