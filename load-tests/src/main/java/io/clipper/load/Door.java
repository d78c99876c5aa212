package io.clipper.load;

import io.clipper.node.ClipperNode;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.List;

/** A way to ask a node. No two inputs are alike. */
interface Door {
  String name();

  /** So many askers, each of which asks again as soon as it is answered. */
  Answered closed(String application, int askers, Duration warmUp, Duration measured) throws IOException;

  /** So many queries a second, evenly, whatever becomes of those before; each stretch by itself. */
  List<Answered> open(String application, double perSecond, Duration stretch, int stretches) throws IOException;

  static List<Door> both(ClipperNode node) {
    return List.of(new Embedded(node), new Http(node.queryAddress()));
  }

  /** By the embedding API, of a node in this JVM. */
  record Embedded(ClipperNode node) implements Door {
    @Override
    public String name() {
      return "embedded";
    }

    @Override
    public Answered closed(String application, int askers, Duration warmUp, Duration measured) {
      return new EmbeddedLoad(node.serving().applications(), application).closed(askers, warmUp, measured);
    }

    @Override
    public List<Answered> open(String application, double perSecond, Duration stretch, int stretches) {
      return new EmbeddedLoad(node.serving().applications(), application).open(perSecond, stretch, stretches);
    }
  }

  /** By the query port. */
  record Http(InetSocketAddress address, Requests requests) implements Door {
    private static final int CONNECTIONS = 64;
    /** For connections to be accepted in. */
    private static final Duration WARM_UP = Duration.ofSeconds(1);

    Http(InetSocketAddress address) {
      this(address, new Requests());
    }

    @Override
    public String name() {
      return "HTTP";
    }

    @Override
    public Answered closed(String application, int askers, Duration warmUp, Duration measured) throws IOException {
      return load(application).closed(askers, warmUp, measured).answered();
    }

    @Override
    public List<Answered> open(String application, double perSecond, Duration stretch, int stretches) throws IOException {
      return load(application).open(CONNECTIONS, perSecond, WARM_UP, stretch, stretches).stream().map(HttpLoad.Result::answered).toList();
    }

    private HttpLoad load(String application) {
      String path = "/" + application + "/predict";
      return new HttpLoad(address, () -> HttpLoad.post(path, requests.predict()));
    }
  }
}
