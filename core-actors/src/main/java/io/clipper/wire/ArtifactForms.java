package io.clipper.wire;

import io.clipper.Refused;
import io.clipper.artifact.ArtifactActor;
import java.nio.ByteBuffer;
import java.util.List;

/** How a node reads the artifacts of another, and has its own kept. */
final class ArtifactForms {
  static final List<Form<?>> ALL =
      List.of(
          new Form<>(
              86,
              ArtifactActor.Describe.class,
              (out, describe) -> {
                out.text(describe.sha256());
                out.actor(describe.replyTo());
              },
              in -> new ArtifactActor.Describe(in.text(), in.actor())),
          new Form<>(
              87,
              ArtifactActor.Read.class,
              (out, read) -> {
                out.text(read.sha256());
                out.text(read.file());
                out.longCount(read.offset());
                out.actor(read.replyTo());
              },
              in -> new ArtifactActor.Read(in.text(), in.text(), in.longCount(), in.actor())),
          new Form<>(
              88,
              ArtifactActor.Described.class,
              (out, described) ->
                  out.list(
                      described.files(),
                      (to, file) -> {
                        to.text(file.name());
                        to.longCount(file.size());
                      }),
              in -> new ArtifactActor.Described(in.list(from -> new ArtifactActor.FileEntry(from.text(), from.longCount())))),
          new Form<>(
              89,
              ArtifactActor.Block.class,
              (out, block) -> out.block(block.bytes().duplicate()),
              in -> new ArtifactActor.Block(ByteBuffer.wrap(in.block()))),
          new Form<>(
              90,
              ArtifactActor.Keep.class,
              (out, keep) -> {
                out.text(keep.sha256());
                out.actor(keep.from());
                out.actor(keep.replyTo());
              },
              in -> new ArtifactActor.Keep(in.text(), in.actor(), in.actor())),
          new Form<>(
              91,
              ArtifactActor.Kept.class,
              (out, kept) -> out.optional(kept.refusal(), WireOutput::any),
              in -> new ArtifactActor.Kept(in.optional(from -> from.any(Refused.class)))));

  private ArtifactForms() {}
}
