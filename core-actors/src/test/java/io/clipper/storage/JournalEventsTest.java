package io.clipper.storage;

import static org.assertj.core.api.Assertions.assertThat;

import io.clipper.application.LedgerEvent;
import io.clipper.catalog.Application;
import io.clipper.catalog.CatalogEvent;
import io.clipper.model.Datatype;
import io.clipper.model.Signature;
import io.clipper.model.TensorSpec;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.apache.pekko.actor.testkit.typed.javadsl.ActorTestKit;
import org.apache.pekko.actor.typed.javadsl.Adapter;
import org.apache.pekko.serialization.Serialization;
import org.apache.pekko.serialization.SerializationExtension;
import org.apache.pekko.serialization.Serializers;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** What the journal keeps of each event, as it is written and as it was. */
class JournalEventsTest {
  private static final HexFormat HEX = HexFormat.of();
  private static final ActorTestKit KIT = ActorTestKit.create();
  private static final Serialization SERIALIZATION = SerializationExtension.get(Adapter.toClassic(KIT.system()));

  @AfterAll
  static void stop() {
    KIT.shutdownTestKit();
  }

  @Test
  void everyEventHasAnExample() {
    assertThat(JournalEvents.all().values())
        .extracting(event -> (Object) event.getClass())
        .containsAll(Stream.of(LedgerEvent.class, CatalogEvent.class).flatMap(events -> Stream.of(events.getPermittedSubclasses())).toList());
  }

  /** A line is never changed: whoever changes what is written of an event moves its line to the older ones. */
  @Test
  void eventsAreWrittenAsTheyAlwaysWere() throws IOException {
    assertThat(JournalEvents.all().entrySet().stream().map(JournalEventsTest::line).toList()).isEqualTo(lines("events.txt"));
  }

  @Test
  void whatIsWrittenIsRead() throws IOException {
    Map<String, JournalEvent> examples = JournalEvents.all();
    for (String line : lines("events.txt")) {
      assertThat(read(line)).as(line).isEqualTo(examples.get(line.substring(0, line.indexOf(' '))));
    }
  }

  @Test
  void whatWasWrittenBeforeIsReadToo() throws IOException {
    Map<String, JournalEvent> meaning = new LinkedHashMap<>();
    Signature signature = new Signature(List.of(new TensorSpec("x", Datatype.FP32, List.of(-1L, 28L)), new TensorSpec("mask", Datatype.BOOL, List.of())));
    Application application = ((CatalogEvent.ApplicationAdded) Objects.requireNonNull(JournalEvents.all().get("application-added"))).application();
    meaning.put(
        "application-before-tensors-could-be-missing",
        new CatalogEvent.ApplicationAdded(
            new Application(
                application.name(), signature, application.slo(), application.defaultOutput(), application.learning(), application.models())));

    Map<String, JournalEvent> read = new LinkedHashMap<>();
    for (String line : lines("older-events.txt")) {
      read.put(line.substring(0, line.indexOf(' ')), read(line));
    }
    assertThat(read).isEqualTo(meaning);
  }

  private static String line(Map.Entry<String, JournalEvent> example) {
    JournalEvent event = example.getValue();
    String manifest = Serializers.manifestFor(SERIALIZATION.findSerializerFor(event), event);
    return "%s %s %s".formatted(example.getKey(), manifest, HEX.formatHex(SERIALIZATION.serialize(event).get()));
  }

  private static JournalEvent read(String line) throws IOException {
    String[] words = line.split(" ", -1);
    int serializer = SERIALIZATION.serializerFor(JournalEvent.class).identifier();
    return (JournalEvent) SERIALIZATION.deserialize(HEX.parseHex(words[2]), serializer, words[1]).get();
  }

  private static List<String> lines(String file) throws IOException {
    try (var stream = Objects.requireNonNull(JournalEventsTest.class.getResourceAsStream(file), file)) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
    }
  }
}
