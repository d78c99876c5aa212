package io.clipper.load;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** What nodes send to each other, of which each way can be cut by itself; what this process and a database send and get is not. */
interface NodeNetwork extends AutoCloseable {
  /** Where the node's ports are. */
  String address(String name);

  /** What the others call it; empty: its address. */
  Optional<String> advertised(String name);

  /** This process, as the nodes call it. */
  String here();

  /** What a command line begins with that is to run there. */
  List<String> launcher(String name);

  /** Nothing that the one sends reaches the other; what the other sends reaches the one. */
  void cut(String from, String to) throws IOException;

  void heal(String from, String to) throws IOException;

  @Override
  void close();
}
