package io.clipper.node.command;

/** Whatever makes a node of this process. */
@FunctionalInterface
public interface NodeStarter {
  /** Runs a node until it is told to stop; answers the process's exit code. */
  int run(NodeOptions options);
}
