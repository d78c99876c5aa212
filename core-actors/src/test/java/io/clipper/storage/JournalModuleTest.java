package io.clipper.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.clipper.catalog.Model;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.WorkerOptions;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class JournalModuleTest {
  private final ObjectMapper mapper = new ObjectMapper().registerModule(new JournalModule());

  @Test
  void everyKindOfRuntimeHasANameInTheJournal() {
    JsonSubTypes names = Objects.requireNonNull(mapper.findMixInClassFor(RuntimeSpec.class).getAnnotation(JsonSubTypes.class));

    assertThat(Stream.of(names.value()).map(JsonSubTypes.Type::value)).containsExactlyInAnyOrder(RuntimeSpec.class.getPermittedSubclasses());
    assertThat(Stream.of(names.value()).map(JsonSubTypes.Type::name)).doesNotHaveDuplicates().doesNotContain("");
  }

  @Test
  void whatAProcessIsStartedWithComesBack() throws Exception {
    ObjectMapper journal = mapper.copy().registerModule(new Jdk8Module());
    WorkerOptions options = new WorkerOptions(Map.of("K", "V"), Optional.of(2), Optional.of(1L << 30));
    List<RuntimeSpec> specs =
        List.of(
            new RuntimeSpec.Python("model.py:predict", Optional.of("doubles"), Optional.empty(), options, Optional.empty()),
            new RuntimeSpec.Isolated(new RuntimeSpec.Onnx(), WorkerOptions.DEFAULT),
            new RuntimeSpec.Onnx(Optional.of("cuda:1")),
            new RuntimeSpec.Isolated(new RuntimeSpec.PlugIn("no-op", Map.of("sleep", "1ms")), options),
            new RuntimeSpec.Command(
                List.of("serve", "{port}"), Optional.of("/srv"), "theirs", "3", Optional.of("doubles"), true, options, Optional.of("lab-7")),
            new RuntimeSpec.Endpoint("grpc://host:8001", "theirs", "3", Optional.empty(), true));

    for (RuntimeSpec spec : specs) {
      assertThat(journal.readValue(journal.writeValueAsString(spec), RuntimeSpec.class)).isEqualTo(spec);
    }
  }

  @Test
  void aModelThatWasWrittenBeforeThereWereCanariesHasNone() throws Exception {
    ObjectMapper journal = mapper.copy().registerModule(new Jdk8Module());

    Model read = journal.readValue("{\"name\":\"m\",\"versions\":{},\"current\":null,\"previous\":[],\"replicas\":2}", Model.class);

    assertThat(read).isEqualTo(new Model("m", Map.of(), Optional.empty(), List.of(), 2));
  }

  @Test
  void theNamesAreThoseThatWereWritten() throws Exception {
    ObjectMapper journal = mapper.copy().registerModule(new Jdk8Module());
    assertThat(journal.readValue("{\"runtime\":\"onnx\"}", RuntimeSpec.class)).isEqualTo(new RuntimeSpec.Onnx());
    assertThat(journal.readValue("{\"runtime\":\"announced\"}", RuntimeSpec.class)).isEqualTo(new RuntimeSpec.Announced());
  }
}
