package io.clipper.node.client;

import java.net.URI;
import java.util.Optional;

/**
 * Where a node listens.
 *
 * @param admin the management port's {@code http://HOST:PORT}
 * @param query the query port's
 * @param token what management asks for off loopback
 */
public record NodeAddress(URI admin, URI query, Optional<String> token) {
  public NodeAddress {
    admin = checked(admin);
    query = checked(query);
  }

  private static URI checked(URI address) {
    if (!("http".equals(address.getScheme()) || "https".equals(address.getScheme())) || address.getHost() == null) {
      throw new IllegalArgumentException("'%s' is not an address such as http://127.0.0.1:1338".formatted(address));
    }
    String text = address.toString();
    return text.endsWith("/") ? URI.create(text.substring(0, text.length() - 1)) : address;
  }
}
