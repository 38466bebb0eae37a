package io.github.dsqlreach.junit;

import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The faults of annotations. Where a {@link FaultExtension} is registered, that one does it. */
final class InjectFaultExtension extends FaultInterceptor {
    @Override
    Optional<FaultFixture> fixture(ExtensionContext context) {
        return FaultExtension.around(context).isPresent()
                ? Optional.empty()
                : Optional.of(new FaultFixture(context, FaultFixture.Options.none()));
    }
}
