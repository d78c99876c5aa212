package io.clipper.wire;

import io.clipper.membership.LeaseDesk;
import java.util.List;

/** What a node without a database asks of one that has it, after a split. */
final class MembershipForms {
  static final List<Form<?>> ALL =
      List.of(
          new Form<>(
              72,
              LeaseDesk.Take.class,
              (out, take) -> {
                out.text(take.owner());
                out.actor(take.replyTo());
              },
              in -> new LeaseDesk.Take(in.text(), in.actor())),
          new Form<>(
              73,
              LeaseDesk.Release.class,
              (out, release) -> {
                out.text(release.owner());
                out.actor(release.replyTo());
              },
              in -> new LeaseDesk.Release(in.text(), in.actor())),
          new Form<>(74, LeaseDesk.Taken.class, (out, taken) -> out.writeBoolean(taken.granted()), in -> new LeaseDesk.Taken(in.readBoolean())));

  private MembershipForms() {}
}
