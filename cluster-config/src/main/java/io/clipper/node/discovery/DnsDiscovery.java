package io.clipper.node.discovery;

import io.clipper.Refused;
import java.net.Inet6Address;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;

/** All addresses of one name, such as a headless service has. */
record DnsDiscovery(String name, int port) implements Discovery {
  @Override
  public List<String> nodes(String self) {
    OwnAddresses own = OwnAddresses.of(self);
    try {
      return Arrays.stream(InetAddress.getAllByName(name))
          .filter(address -> !own.include(address))
          .map(address -> address instanceof Inet6Address ? "[%s]".formatted(address.getHostAddress()) : address.getHostAddress())
          .distinct()
          .sorted()
          .map(host -> host + ":" + port)
          .toList();
    } catch (UnknownHostException unknown) {
      throw new Refused(Refused.Reason.UNAVAILABLE, "--discovery: no name server knows %s".formatted(name));
    }
  }
}
