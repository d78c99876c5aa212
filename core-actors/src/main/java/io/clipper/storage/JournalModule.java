package io.clipper.storage;

import com.fasterxml.jackson.annotation.JsonSubTypes;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.databind.module.SimpleModule;
import io.clipper.model.runtime.RuntimeSpec;

/** How Jackson writes the types that know nothing of Jackson; {@code reference.conf} names it. */
public final class JournalModule extends SimpleModule {
  private static final long serialVersionUID = 1L;

  public JournalModule() {
    super("clipper");
    setMixInAnnotation(RuntimeSpec.class, RuntimeSpecNames.class);
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = "runtime")
  @JsonSubTypes({
    @JsonSubTypes.Type(value = RuntimeSpec.Onnx.class, name = "onnx"),
    @JsonSubTypes.Type(value = RuntimeSpec.Python.class, name = "python"),
    @JsonSubTypes.Type(value = RuntimeSpec.Command.class, name = "process"),
    @JsonSubTypes.Type(value = RuntimeSpec.Isolated.class, name = "isolated"),
    @JsonSubTypes.Type(value = RuntimeSpec.Endpoint.class, name = "endpoint"),
    @JsonSubTypes.Type(value = RuntimeSpec.PlugIn.class, name = "plug-in"),
    @JsonSubTypes.Type(value = RuntimeSpec.Announced.class, name = "announced")
  })
  private interface RuntimeSpecNames {}
}
