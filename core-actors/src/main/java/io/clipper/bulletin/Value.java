package io.clipper.bulletin;

/** What a node tells under a topic; it crosses nodes, so it has a form. */
public interface Value {}
