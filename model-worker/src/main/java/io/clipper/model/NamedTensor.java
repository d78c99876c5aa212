package io.clipper.model;

/** A tensor and the name a model knows it by. */
public record NamedTensor(String name, Tensor tensor) {}
