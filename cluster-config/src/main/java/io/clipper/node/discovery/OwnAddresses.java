package io.clipper.node.discovery;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.List;
import java.util.Set;

/**
 * What other nodes may find where they look for this one.
 *
 * @param addresses those of the host name or the address by which they call it
 */
record OwnAddresses(Set<InetAddress> addresses) {
  OwnAddresses {
    addresses = Set.copyOf(addresses);
  }

  /** None for a name that nobody knows yet: that of a pod may appear only once the node is ready. */
  static OwnAddresses of(String self) {
    try {
      return new OwnAddresses(Set.copyOf(List.of(InetAddress.getAllByName(self))));
    } catch (UnknownHostException notYet) {
      return new OwnAddresses(Set.of());
    }
  }

  boolean include(InetAddress address) {
    return addresses.contains(address);
  }

  /** @param address in digits, as an API tells it */
  boolean include(String address) {
    try {
      return include(InetAddress.getByName(address));
    } catch (UnknownHostException noAddress) {
      return false;
    }
  }
}
