/**
 * The result of a check for people and programs: text for a console, JSON in a stable format, Markdown, a self-contained HTML
 * page, and several reports side by side.
 *
 * <p>Text from a server may be hostile. Every format shows it as text: markup, terminal sequences and log commands of CI services
 * have no effect.
 */
@NullMarked
package io.github.dsqlreach.report;

import org.jspecify.annotations.NullMarked;
