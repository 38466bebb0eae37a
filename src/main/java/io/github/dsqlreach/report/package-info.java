/**
 * What people and programs get to see of a {@link io.github.dsqlreach.Reachability}: text for a console, JSON by a
 * stable contract, Markdown, a self-contained HTML page, annotations for CI services, and several reports side by side.
 *
 * <p>Texts from a server may be hostile. Every format shows them as text: no markup, no terminal sequence and no log
 * command of a CI service survives.
 */
@NullMarked
package io.github.dsqlreach.report;

import org.jspecify.annotations.NullMarked;
