/** What people see: plain lines, and on a terminal lines that are drawn again in place. */
@NullMarked
package io.clipper.node.terminal;

import org.jspecify.annotations.NullMarked;
