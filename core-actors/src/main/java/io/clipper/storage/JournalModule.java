package io.clipper.storage;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonIncludeProperties;
import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.clipper.Refused;
import io.clipper.model.runtime.RuntimeSpec;

/** How Jackson writes the types that know nothing of Jackson; {@code reference.conf} names it. */
public final class JournalModule extends SimpleModule {
  private static final long serialVersionUID = 1L;

  public JournalModule() {
    super("clipper");
    setMixInAnnotation(RuntimeSpec.class, RuntimeSpecNames.class);
    setMixInAnnotation(Refused.class, RefusedFields.class);
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "runtime")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = RuntimeSpec.Onnx.class, name = "onnx"),
    @JsonSubTypes.Type(value = RuntimeSpec.Python.class, name = "python"),
    @JsonSubTypes.Type(value = RuntimeSpec.Isolated.class, name = "isolated"),
    @JsonSubTypes.Type(value = RuntimeSpec.Endpoint.class, name = "endpoint"),
    @JsonSubTypes.Type(value = RuntimeSpec.PlugIn.class, name = "plug-in"),
    @JsonSubTypes.Type(value = RuntimeSpec.Announced.class, name = "announced")
  })
  private interface RuntimeSpecNames {}

  /** Of a refusal only these travel: a stack trace would say nothing. */
  @JsonIncludeProperties({"reason", "message"})
  @JsonAutoDetect(fieldVisibility = JsonAutoDetect.Visibility.NONE, getterVisibility = JsonAutoDetect.Visibility.NONE)
  private abstract static class RefusedFields {
    @JsonCreator
    @SuppressWarnings("UnusedVariable")
    RefusedFields(@JsonProperty("reason") Refused.Reason reason, @JsonProperty("message") String message) {}

    @JsonProperty("reason")
    abstract Refused.Reason reason();

    @JsonProperty("message")
    abstract String getMessage();
  }
}
