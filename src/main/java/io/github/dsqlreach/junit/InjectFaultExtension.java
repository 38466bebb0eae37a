package io.github.dsqlreach.junit;

import javax.sql.DataSource;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The faults of annotations, unless a {@link FaultExtension} is in charge of them. */
final class InjectFaultExtension extends FaultInterceptor {
    InjectFaultExtension() {
        super(FaultFixture.Options.none());
    }

    @Override
    public void beforeEach(ExtensionContext context) {
        if (ParameterOwner.of(DataSource.class, context).isEmpty()) {
            takeCharge(context);
        }
    }
}
