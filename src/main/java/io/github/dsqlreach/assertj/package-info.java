/** AssertJ assertions on the words of dsql-reach. Needs {@code org.assertj:assertj-core} on the class path. */
@NullMarked
package io.github.dsqlreach.assertj;

import org.jspecify.annotations.NullMarked;
