package io.clipper.load.experiment;

import io.clipper.model.Input;

/**
 * One input and its truth.
 *
 * @param label in its canonical form
 */
record Example(Input input, String label) {}
