package io.clipper.storage;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.clipper.model.runtime.RuntimeSpec;
import java.util.Objects;
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
  void theNamesAreThoseThatWereWritten() throws Exception {
    assertThat(mapper.readValue("{\"runtime\":\"onnx\"}", RuntimeSpec.class)).isEqualTo(new RuntimeSpec.Onnx());
    assertThat(mapper.readValue("{\"runtime\":\"announced\"}", RuntimeSpec.class)).isEqualTo(new RuntimeSpec.Announced());
  }
}
