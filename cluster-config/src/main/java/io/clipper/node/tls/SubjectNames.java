package io.clipper.node.tls;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.security.cert.CertificateParsingException;
import java.security.cert.X509Certificate;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/** The hosts that a certificate names, as names or as addresses. */
record SubjectNames(List<String> names) {
  private static final int DNS = 2;
  private static final int ADDRESS = 7;

  SubjectNames {
    names = List.copyOf(names);
  }

  static SubjectNames of(X509Certificate certificate) {
    try {
      Collection<List<?>> alternatives = Objects.requireNonNullElse(certificate.getSubjectAlternativeNames(), List.of());
      return new SubjectNames(
          alternatives.stream()
              .filter(name -> name.getFirst().equals(DNS) || name.getFirst().equals(ADDRESS))
              .map(name -> String.valueOf(name.getLast()))
              .toList());
    } catch (CertificateParsingException damaged) {
      return new SubjectNames(List.of());
    }
  }

  /** A name that begins with {@code *.} stands for one more part in its place. An IPv6 address is the same however it is written. */
  boolean include(String host) {
    String wanted = canonical(host);
    int firstPart = wanted.indexOf('.');
    String anyOfItsDomain = firstPart > 0 ? "*" + wanted.substring(firstPart) : wanted;
    return names.stream().map(SubjectNames::canonical).anyMatch(name -> name.equals(wanted) || name.equals(anyOfItsDomain));
  }

  private static String canonical(String host) {
    if (host.contains(":")) {
      try {
        // A text with a colon is an address or nothing: no name server is asked.
        return InetAddress.getByName(host).getHostAddress();
      } catch (UnknownHostException notAnAddress) {
        return host;
      }
    }
    return host.toLowerCase(Locale.ROOT);
  }

  @Override
  public String toString() {
    return names.isEmpty() ? "no host" : String.join(", ", names);
  }
}
