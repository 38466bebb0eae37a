package io.github.dsqlreach.diagnosis;

import io.github.dsqlreach.Evidence;
import io.github.dsqlreach.Experiment;
import io.github.dsqlreach.Failure;
import io.github.dsqlreach.FailureKind;
import io.github.dsqlreach.probe.NameQuestion;
import java.util.Optional;

/** What came of a question about a name, as an experiment. */
final class Names {
    private Names() {}

    static Experiment experiment(ExperimentName name, NameQuestion.Answer answer) {
        Evidence evidence =
                Evidence.builder().put(Evidence.ADDRESSES, answer.addresses()).build();
        Optional<FailureKind> kind = kind(answer.kind());
        return new Experiment(
                name.id(),
                answer.duration(),
                kind.isEmpty() ? evidence : Evidence.none(),
                kind.map(k -> new Failure(k, words(answer))));
    }

    private static Optional<FailureKind> kind(NameQuestion.Kind kind) {
        return switch (kind) {
            case ADDRESSES -> Optional.empty();
            case NO_SUCH_NAME -> Optional.of(FailureKind.NAME_NOT_FOUND);
            case NO_DATA, SERVER_FAILURE, REFUSED, FAILED -> Optional.of(FailureKind.NAME_LOOKUP_FAILED);
            case NO_ANSWER -> Optional.of(FailureKind.TIMEOUT);
            case CANNOT_ASK -> Optional.of(FailureKind.UNCLASSIFIED);
        };
    }

    private static String words(NameQuestion.Answer answer) {
        String what = switch (answer.kind()) {
            case ADDRESSES -> "";
            case NO_SUCH_NAME -> "no such name";
            case NO_DATA -> "the name exists and has no such address";
            case SERVER_FAILURE -> "the server could not find out (SERVFAIL)";
            case REFUSED -> "the server refuses such questions";
            case NO_ANSWER -> "no answer";
            case CANNOT_ASK -> "it could not be asked";
            case FAILED -> "the lookup failed";
        };
        return answer.detail().isEmpty() ? what : what + ": " + answer.detail();
    }
}
