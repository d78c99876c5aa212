package io.clipper.model.runtime.process;

import java.io.IOException;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** A process and those that it has started: a pool's, a server behind the model. */
final class Family {
  private Family() {}

  /** The process itself, and what descends from it, while it runs: who has lost its parent descends from it no more. */
  static List<ProcessHandle> of(ProcessHandle head) {
    return Stream.concat(Stream.of(head), head.descendants()).toList();
  }

  /**
   * Those of the session that this process leads or has led, itself left out; a Python worker leads one. A number is not given again while a
   * session has it, so this holds for a moment after its leader's end; none where the system does not tell.
   */
  static List<ProcessHandle> session(long leader) {
    return ProcessHandle.allProcesses().filter(process -> process.pid() != leader && sessionOf(process.pid()).equals(OptionalLong.of(leader))).toList();
  }

  /**
   * The memory that they have in use, in bytes. Several share what the first had read before it forked, and each counts for its share of that;
   * zero where the system does not tell.
   */
  static long residentBytes(List<ProcessHandle> family) {
    return family.size() == 1
        ? ResidentSize.of(family.getFirst().pid()).orElse(0)
        : family.stream().mapToLong(process -> ResidentSize.shareOf(process.pid()).orElse(0)).sum();
  }

  static void end(List<ProcessHandle> family) {
    family.forEach(ProcessHandle::destroyForcibly);
  }

  private static OptionalLong sessionOf(long pid) {
    try {
      return OptionalLong.of(Long.parseLong(ProcessStat.read(pid).session()));
    } catch (IOException goneOrNotLinux) {
      return OptionalLong.empty();
    }
  }
}
