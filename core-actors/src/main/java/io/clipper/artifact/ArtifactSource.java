package io.clipper.artifact;

import java.io.OutputStream;
import java.util.concurrent.CompletionStage;

/** Somewhere else that may have an artifact: the shared database, or another node. */
public interface ArtifactSource {
  /**
   * Writes the artifact as {@link ArtifactStore#pack} does. Whoever asked checks the digest, closes the stream, and forgets what was written
   * where this fails.
   *
   * @return completes, when all was written, with whether it is there
   */
  CompletionStage<Boolean> fetch(String sha256, OutputStream to);

  /** In a refusal: where it was looked for. */
  String place();
}
