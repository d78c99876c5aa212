package io.clipper.model.runtime.endpoint;

import io.clipper.model.InputType;
import io.clipper.model.ModelId;
import io.clipper.model.Signature;
import io.clipper.model.runtime.ModelLoadException;
import io.clipper.model.runtime.ModelRuntime;
import io.clipper.model.runtime.RuntimeProvider;
import io.clipper.model.runtime.RuntimeSpec;
import io.clipper.model.runtime.ThreadBudget;
import io.clipper.model.runtime.oip.OipModelRuntime;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/** Connects to servers that someone else runs. */
public final class EndpointProvider implements RuntimeProvider {
  /** For a server's first answers. */
  private static final Duration TIMEOUT = Duration.ofSeconds(10);
  private static final String GRPC = "grpc://";

  @Override
  public String kind() {
    return "endpoint";
  }

  @Override
  public ModelRuntime load(RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    if (!(spec instanceof RuntimeSpec.Endpoint endpoint)) {
      throw new ModelLoadException("%s is no server's".formatted(spec));
    }
    Optional<Signature> declared = endpoint.inputType().flatMap(InputType::named).map(InputType::signature);
    if (!endpoint.url().startsWith(GRPC)) {
      Signature signature =
          declared.orElseThrow(() -> new ModelLoadException("a server of rows over HTTP does not say what its models take: give --input-type"));
      return EndpointRuntime.watch(RowsOverHttp.connect(URI.create(endpoint.url()), signature, TIMEOUT), endpoint.url());
    }
    return grpc(endpoint, declared);
  }

  /** The version's own name says which model of the server is meant, where the endpoint does not. */
  @Override
  public ModelRuntime load(ModelId id, RuntimeSpec spec, Optional<Path> artifact, ThreadBudget threads) throws ModelLoadException {
    if (spec instanceof RuntimeSpec.Endpoint(var url, var model, var version, var inputType, var passThrough) && model.isEmpty()) {
      return load(new RuntimeSpec.Endpoint(url, id.name(), version, inputType, passThrough), artifact, threads);
    }
    return load(spec, artifact, threads);
  }

  private static ModelRuntime grpc(RuntimeSpec.Endpoint endpoint, Optional<Signature> declared) throws ModelLoadException {
    String target = endpoint.url().substring(GRPC.length());
    OipModelRuntime runtime =
        OipModelRuntime.connect(target, endpoint.model(), endpoint.version(), declared, TIMEOUT, endpoint.passThrough());
    return EndpointRuntime.watch(runtime, endpoint.url());
  }
}
