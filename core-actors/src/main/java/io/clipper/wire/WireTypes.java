package io.clipper.wire;

import com.esotericsoftware.kryo.Kryo;
import io.clipper.Refused;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;

/** All that crosses nodes. A number is given once: one that is free again stays unused. */
final class WireTypes {
  /** Kryo's own go to 9; up to 125 a number takes one byte. */
  static final List<Form<?>> ALL =
      Stream.of(
              List.<Form<?>>of(new Form<>(16, Refused.class, ModelForms::refused, ModelForms::refused)),
              ApplicationForms.ALL,
              ArtifactForms.ALL,
              BulletinForms.ALL,
              MembershipForms.ALL,
              ReplicaForms.ALL,
              CatalogForms.ALL,
              CatalogMessageForms.ALL)
          .<Form<?>>flatMap(Collection::stream)
          .toList();

  private WireTypes() {}

  /** Knows these types and no others. */
  static Kryo kryo() {
    Kryo kryo = new Kryo();
    kryo.setRegistrationRequired(true);
    kryo.setReferences(false);
    Set<Integer> numbers = new HashSet<>();
    for (Form<?> form : ALL) {
      if (!numbers.add(form.number())) {
        throw new IllegalStateException("number %d is given twice".formatted(form.number()));
      }
      form.registerIn(kryo);
    }
    return kryo;
  }
}
