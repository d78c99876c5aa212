/**
 * The command line: {@code up} starts a node through a {@link io.clipper.node.command.NodeStarter}, every other verb talks to a running
 * one over HTTP. Exit codes: 0 done, 1 the node refused or a promise was not kept, 2 wrong usage, 3 no node answers.
 */
@NullMarked
package io.clipper.node.command;

import org.jspecify.annotations.NullMarked;
