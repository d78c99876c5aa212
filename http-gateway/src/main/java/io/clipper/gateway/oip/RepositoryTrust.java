package io.clipper.gateway.oip;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.util.Optional;

/**
 * Whom loading and unloading obey: they are management, on a port that is for queries. Whoever has the management's token; where there is
 * none, anyone on loopback but the pages of other sites.
 *
 * @param open whether nothing is asked where there is no token
 */
record RepositoryTrust(Optional<String> token, boolean open) {
  /** Throws {@link Fault}. */
  void check(Optional<String> authorization, Optional<String> origin, Optional<String> host) {
    if (origin.isPresent() && !origin.get().endsWith("://" + host.orElse(""))) {
      throw new Fault(Fault.Kind.FORBIDDEN, "a page of %s may not manage this server".formatted(origin.get()));
    }
    if (token.isEmpty() ? !open : !matches(authorization.orElse(""))) {
      throw new Fault(Fault.Kind.FORBIDDEN, "loading and unloading ask for the header Authorization: Bearer TOKEN, as management does");
    }
  }

  private boolean matches(String given) {
    byte[] expected = ("Bearer " + token.orElseThrow()).getBytes(StandardCharsets.UTF_8);
    return MessageDigest.isEqual(expected, given.getBytes(StandardCharsets.UTF_8));
  }
}
