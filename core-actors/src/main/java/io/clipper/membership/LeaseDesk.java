package io.clipper.membership;

import io.clipper.storage.Database;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.apache.pekko.actor.typed.ActorRef;
import org.apache.pekko.actor.typed.Behavior;
import org.apache.pekko.actor.typed.javadsl.ActorContext;
import org.apache.pekko.actor.typed.javadsl.Behaviors;
import org.apache.pekko.actor.typed.receptionist.Receptionist;
import org.apache.pekko.actor.typed.receptionist.ServiceKey;

/**
 * Takes the lease for whichever side of a split asks: on the nodes that have the database, for those too that have none. The node that
 * decides for a side is the one of the lowest address, whatever its roles.
 */
public final class LeaseDesk {
  static final ServiceKey<Command> KEY = ServiceKey.create(Command.class, "clipper-lease");

  public sealed interface Command {}

  /** @param owner the node that decides for its side */
  public record Take(String owner, ActorRef<Taken> replyTo) implements Command {}

  public record Release(String owner, ActorRef<Taken> replyTo) implements Command {}

  private record Done() implements Command {}

  /** @param granted whether what was asked came about */
  public record Taken(boolean granted) {}

  /** Work that may block. */
  private interface Work {
    boolean done() throws SQLException;
  }

  private final ActorContext<Command> context;
  private final LeaseRow row;
  private final Executor blocking;

  private LeaseDesk(ActorContext<Command> context, LeaseRow row, Executor blocking) {
    this.context = context;
    this.row = row;
    this.blocking = blocking;
  }

  static Behavior<Command> create(LeaseRow row, Executor blocking) {
    return Behaviors.setup(
        context -> {
          context.getSystem().receptionist().tell(Receptionist.register(KEY, context.getSelf()));
          return new LeaseDesk(context, row, blocking).serving();
        });
  }

  private Behavior<Command> serving() {
    return Behaviors.receiveMessage(
        command -> {
          switch (command) {
            case Take(var owner, var replyTo) -> answer(replyTo, () -> row.takeAsMember(owner, address(owner)));
            case Release(var owner, var replyTo) -> answer(replyTo, () -> row.release(owner));
            case Done done -> {}
          }
          return Behaviors.same();
        });
  }

  /** Owners are called as Pekko calls nodes, {@code SYSTEM@HOST:PORT}. */
  private static String address(String owner) {
    return owner.substring(owner.indexOf('@') + 1);
  }

  /** Where this node's database does not answer it is silent, so that another node is asked. */
  private void answer(ActorRef<Taken> replyTo, Work work) {
    context.pipeToSelf(
        CompletableFuture.supplyAsync(
            () -> {
              try {
                return work.done();
              } catch (SQLException failed) {
                throw new IllegalStateException(failed);
              }
            },
            blocking),
        (granted, failed) -> {
          if (failed != null) {
            context.getLog().warn("the lease that decides who stays after a split cannot be read: {}", Database.words(failed));
          } else {
            replyTo.tell(new Taken(granted));
          }
          return new Done();
        });
  }
}
