package io.clipper.wire;

import io.clipper.bulletin.BulletinActor;
import io.clipper.bulletin.Value;
import io.clipper.catalog.CatalogRevision;
import java.util.List;

/** What the nodes' bulletins say to each other. A value in it has a form of its own. */
final class BulletinForms {
  static final List<Form<?>> ALL =
      List.of(
          new Form<>(
              64,
              BulletinActor.Told.class,
              (out, told) -> {
                out.actor(told.from());
                out.text(told.topic());
                out.longCount(told.revision());
                out.any(told.value());
              },
              in -> new BulletinActor.Told(in.actor(), in.text(), in.longCount(), in.any(Value.class))),
          new Form<>(
              65,
              BulletinActor.Revisions.class,
              (out, revisions) -> {
                out.actor(revisions.from());
                out.map(revisions.ofTopics(), WireOutput::longCount);
              },
              in -> new BulletinActor.Revisions(in.actor(), in.map(WireInput::longCount))),
          new Form<>(
              66,
              BulletinActor.Pull.class,
              (out, pull) -> {
                out.text(pull.topic());
                out.actor(pull.replyTo());
              },
              in -> new BulletinActor.Pull(in.text(), in.actor())),
          new Form<>(67, BulletinActor.Hello.class, (out, hello) -> out.actor(hello.from()), in -> new BulletinActor.Hello(in.actor())),
          new Form<>(68, CatalogRevision.class, (out, revision) -> out.longCount(revision.number()), in -> new CatalogRevision(in.longCount())));

  private BulletinForms() {}
}
