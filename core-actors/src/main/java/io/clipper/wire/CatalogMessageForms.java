package io.clipper.wire;

import io.clipper.catalog.CatalogActor;
import io.clipper.catalog.CatalogChange;
import java.util.List;

/** Changes that are asked of the catalog's actor on another node, and what it tells. */
final class CatalogMessageForms {
  static final List<Form<?>> ALL =
      List.of(
          new Form<>(
              105,
              CatalogActor.Change.class,
              (out, change) -> {
                out.any(change.change());
                out.actor(change.replyTo());
              },
              in -> new CatalogActor.Change(in.any(CatalogChange.class), in.actor())),
          new Form<>(
              106,
              CatalogActor.Subscribe.class,
              (out, subscribe) -> {
                out.number(subscribe.knownRevision());
                out.actor(subscribe.subscriber());
              },
              in -> new CatalogActor.Subscribe(in.number(), in.actor())),
          new Form<>(
              107,
              CatalogActor.Published.class,
              (out, published) -> {
                CatalogForms.catalog(out, published.catalog());
                out.actor(published.publisher());
              },
              in -> new CatalogActor.Published(CatalogForms.catalog(in), in.actor())),
          new Form<>(
              108,
              CatalogActor.Unchanged.class,
              (out, unchanged) -> out.actor(unchanged.publisher()),
              in -> new CatalogActor.Unchanged(in.actor())),
          new Form<>(
              109,
              CatalogChange.StartCanary.class,
              (out, start) -> {
                out.text(start.model());
                out.text(start.version());
                out.count(start.percent());
              },
              in -> new CatalogChange.StartCanary(in.text(), in.text(), in.count())),
          new Form<>(
              110,
              CatalogChange.PromoteCanary.class,
              (out, promote) -> {
                out.text(promote.model());
                out.optional(promote.version(), WireOutput::text);
              },
              in -> new CatalogChange.PromoteCanary(in.text(), in.optional(WireInput::text))),
          new Form<>(
              111, CatalogChange.AbortCanary.class, (out, abort) -> out.text(abort.model()), in -> new CatalogChange.AbortCanary(in.text())),
          new Form<>(
              112,
              CatalogChange.AddApplication.class,
              (out, add) -> CatalogForms.application(out, add.application()),
              in -> new CatalogChange.AddApplication(CatalogForms.application(in))),
          new Form<>(
              113,
              CatalogChange.UpdateApplication.class,
              (out, update) -> {
                out.text(update.name());
                out.optional(update.slo(), WireOutput::duration);
                out.optional(update.defaultOutput(), WireOutput::text);
                out.optional(update.learning(), CatalogForms::learning);
              },
              in ->
                  new CatalogChange.UpdateApplication(
                      in.text(), in.optional(WireInput::duration), in.optional(WireInput::text), in.optional(CatalogForms::learning))),
          new Form<>(
              114,
              CatalogChange.DeleteApplication.class,
              (out, delete) -> out.text(delete.name()),
              in -> new CatalogChange.DeleteApplication(in.text())),
          new Form<>(
              115,
              CatalogChange.LinkModels.class,
              (out, link) -> {
                out.text(link.application());
                out.list(link.models(), WireOutput::text);
              },
              in -> new CatalogChange.LinkModels(in.text(), in.list(WireInput::text))),
          new Form<>(
              116,
              CatalogChange.UnlinkModels.class,
              (out, unlink) -> {
                out.text(unlink.application());
                out.list(unlink.models(), WireOutput::text);
              },
              in -> new CatalogChange.UnlinkModels(in.text(), in.list(WireInput::text))),
          new Form<>(
              117,
              CatalogChange.AddModelVersion.class,
              (out, add) -> {
                CatalogForms.version(out, add.version());
                out.optional(add.replicas(), WireOutput::count);
              },
              in -> new CatalogChange.AddModelVersion(CatalogForms.version(in), in.optional(WireInput::count))),
          new Form<>(
              118,
              CatalogChange.Deploy.class,
              (out, deploy) -> {
                CatalogForms.version(out, deploy.version());
                out.optional(deploy.replicas(), WireOutput::count);
                out.optional(deploy.application(), CatalogForms::application);
                out.optional(deploy.percent(), WireOutput::count);
              },
              in ->
                  new CatalogChange.Deploy(
                      CatalogForms.version(in), in.optional(WireInput::count), in.optional(CatalogForms::application), in.optional(WireInput::count))),
          new Form<>(
              119,
              CatalogChange.SetModelVersion.class,
              (out, set) -> {
                out.text(set.model());
                out.text(set.version());
              },
              in -> new CatalogChange.SetModelVersion(in.text(), in.text())),
          new Form<>(
              120, CatalogChange.RollBack.class, (out, rollBack) -> out.text(rollBack.model()), in -> new CatalogChange.RollBack(in.text())),
          new Form<>(
              121,
              CatalogChange.DeleteModelVersion.class,
              (out, delete) -> {
                out.text(delete.model());
                out.text(delete.version());
              },
              in -> new CatalogChange.DeleteModelVersion(in.text(), in.text())),
          new Form<>(
              122,
              CatalogChange.SetReplicas.class,
              (out, set) -> {
                out.text(set.model());
                out.count(set.replicas());
              },
              in -> new CatalogChange.SetReplicas(in.text(), in.count())));

  private CatalogMessageForms() {}
}
