package io.clipper.wire;

import com.esotericsoftware.kryo.Kryo;
import io.clipper.Refused;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * All that crosses nodes. A number is given once: one that is free again stays unused. Whoever changes a form adds the new one, with the
 * version that it starts at, and leaves the old one for as long as a release that reads no other may be a member.
 */
final class WireTypes {
  /** Kryo's own go to 9; up to 125 a number takes one byte. */
  static final List<Form<?>> ALL =
      Stream.of(
              List.<Form<?>>of(
                  new Form<>(16, Refused.class, ModelForms::refusedAsTheFirstHasIt, ModelForms::refused),
                  new Form<>(16, 2, Refused.class, ModelForms::refused, ModelForms::refused)),
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

  /** Of each type the one that a version writes: the latest up to it. */
  static Collection<Form<?>> ofVersion(int version) {
    Map<Integer, Form<?>> forms = new LinkedHashMap<>();
    for (Form<?> form : ALL) {
      Form<?> known = forms.get(form.number());
      if (form.since() <= version && (known == null || known.since() < form.since())) {
        forms.put(form.number(), form);
      }
    }
    return forms.values();
  }

  /** Knows the types of a version and no others. */
  static Kryo kryo(int version) {
    Kryo kryo = new Kryo();
    kryo.setRegistrationRequired(true);
    kryo.setReferences(false);
    ofVersion(version).forEach(form -> form.registerIn(kryo));
    return kryo;
  }
}
