package io.clipper.application;

import io.clipper.cache.PredictionCache;
import io.clipper.catalog.Catalog;
import io.clipper.context.ContextSettings;
import io.clipper.context.ContextStore;
import io.clipper.feedback.PredictionLog;
import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaRouterActor;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Function;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;
import org.apache.pekko.actor.typed.ActorRef;

/**
 * What a node's loops share.
 *
 * @param catalog the node's copy, the same object until it changes
 * @param routers the way to the replicas of a version
 * @param ready the versions that have a warm replica, the same object until it changes
 * @param log empty on a node that keeps no state
 * @param contexts the rows of all partitions' contexts; empty on a node that keeps no state
 * @param telling takes what a loop has learned, by entity id, for the other nodes
 * @param random makes one stream of random numbers for each loop
 * @param loopsHere the loops that serve on this node
 * @param heard what was heard of all loops' ledgers
 * @param meters what the loops do
 * @param node this node's address
 */
record ServingParts(
    Supplier<Catalog> catalog,
    PredictionCache cache,
    Function<ModelId, ActorRef<ReplicaRouterActor.Command>> routers,
    Supplier<Set<ModelId>> ready,
    DeadlineClock deadlines,
    Optional<PredictionLog> log,
    Optional<ContextStore> contexts,
    ContextSettings contextSettings,
    BiConsumer<String, Ledger> telling,
    ApplicationSettings settings,
    AnswerLead lead,
    Supplier<RandomGenerator> random,
    LongSupplier nanoClock,
    LoopsHere loopsHere,
    HeardLedgers heard,
    LoopMeters meters,
    String node) {}
