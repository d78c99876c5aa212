/**
 * The bundled digits as a show: labelled rows streamed to an ensemble that learns and to one that does not, while most of its models
 * break and come back.
 *
 * <pre>
 *   Digits ──▶ DigitsDemo ──▶ DemoNode (HTTP)       DigitsDemo ──▶ Scoreboard ──▶ Verdict
 *                   └── Watcher ──▶ DigitsTable
 * </pre>
 */
@NullMarked
package io.clipper.node.demo;

import org.jspecify.annotations.NullMarked;
