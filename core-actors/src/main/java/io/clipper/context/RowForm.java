package io.clipper.context;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.BeanDescription;
import com.fasterxml.jackson.databind.DeserializationConfig;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.deser.BeanDeserializerModifier;
import com.fasterxml.jackson.databind.deser.std.DelegatingDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.dataformat.cbor.CBORFactory;
import com.fasterxml.jackson.dataformat.cbor.CBORGenerator;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import io.clipper.model.ModelId;
import io.clipper.selection.PolicySettings;
import java.io.IOException;
import java.io.Serial;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * A learned context as bytes: CBOR in which each name is written once and referred to afterwards. What all contexts of an application have
 * in common is one object in memory, however many were read.
 */
final class RowForm {
  private static final Set<Class<?>> COMMON = Set.of(ModelId.class, PolicySettings.class);

  private final ObjectMapper mapper;

  RowForm() {
    ConcurrentHashMap<Object, Object> common = new ConcurrentHashMap<>();
    SimpleModule module = new SimpleModule("contexts");
    module.setDeserializerModifier(
        new BeanDeserializerModifier() {
          @Serial private static final long serialVersionUID = 1L;

          @Override
          public JsonDeserializer<?> modifyDeserializer(DeserializationConfig config, BeanDescription type, JsonDeserializer<?> deserializer) {
            return COMMON.contains(type.getBeanClass()) ? new OfCommon(deserializer, common) : deserializer;
          }
        });
    this.mapper =
        JsonMapper.builder(CBORFactory.builder().enable(CBORGenerator.Feature.STRINGREF).build())
            .addModules(new Jdk8Module(), module)
            .build();
  }

  byte[] bytes(LearnedContext learned) throws IOException {
    return mapper.writeValueAsBytes(learned);
  }

  LearnedContext read(byte[] bytes) throws IOException {
    return mapper.readValue(bytes, LearnedContext.class);
  }

  /** The first of equals. Models and settings are as many as people made, so that none is ever let go. */
  private static final class OfCommon extends DelegatingDeserializer {
    @Serial private static final long serialVersionUID = 1L;
    private final transient ConcurrentHashMap<Object, Object> common;

    OfCommon(JsonDeserializer<?> deserializer, ConcurrentHashMap<Object, Object> common) {
      super(deserializer);
      this.common = common;
    }

    @Override
    protected JsonDeserializer<?> newDelegatingInstance(JsonDeserializer<?> next) {
      return new OfCommon(next, common);
    }

    @Override
    public Object deserialize(JsonParser parser, DeserializationContext context) throws IOException {
      Object read = super.deserialize(parser, context);
      Object first = common.putIfAbsent(read, read);
      return first == null ? read : first;
    }
  }
}
