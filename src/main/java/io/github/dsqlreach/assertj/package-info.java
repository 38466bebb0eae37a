/** AssertJ assertions on results of checks. Needs {@code org.assertj:assertj-core} on the class path. */
@NullMarked
package io.github.dsqlreach.assertj;

import org.jspecify.annotations.NullMarked;
