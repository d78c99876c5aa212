package io.clipper.gateway.oip;

import io.clipper.gateway.Clipper;
import io.clipper.gateway.GatewaySettings;
import io.clipper.gateway.metrics.RequestMeters;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.function.LongSupplier;

/** What the protocol's doors share. */
public final class Oip {
  private final Targets targets;
  private final Catalogue catalogue;
  private final Inference inference;
  private final RepositoryTrust trust;

  public Oip(Clipper clipper, GatewaySettings settings, RequestMeters meters, MeterRegistry registry, LongSupplier nanoClock) {
    OutputSpecs specs = new OutputSpecs(clipper);
    this.targets = new Targets(clipper);
    this.catalogue = new Catalogue(clipper, targets, specs, registry, meters::of);
    this.inference = new Inference(clipper, targets, specs, meters::of, catalogue::answeredFromCache, nanoClock, settings.oip().modelTimeout());
    this.trust = new RepositoryTrust(settings.adminToken(), settings.insecure() || settings.isOnLoopback());
  }

  /** As the server's metadata has it. */
  public String version() {
    return Catalogue.serverVersion();
  }

  Targets targets() {
    return targets;
  }

  Catalogue catalogue() {
    return catalogue;
  }

  Inference inference() {
    return inference;
  }

  RepositoryTrust trust() {
    return trust;
  }
}
