package io.clipper.application;

import io.clipper.cache.PredictionCache;
import io.clipper.catalog.CatalogView;
import io.clipper.feedback.PredictionLog;
import io.clipper.model.ModelId;
import io.clipper.replica.ReplicaRouters;
import java.util.Set;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.random.RandomGenerator;

/**
 * What a node's loops share.
 *
 * @param ready the versions that have a warm replica
 * @param random makes one stream of random numbers for each loop
 */
record ServingParts(
    CatalogView catalog,
    PredictionCache cache,
    ReplicaRouters routers,
    Supplier<Set<ModelId>> ready,
    DeadlineClock deadlines,
    PredictionLog log,
    ApplicationSettings settings,
    Supplier<RandomGenerator> random,
    LongSupplier nanoClock) {}
