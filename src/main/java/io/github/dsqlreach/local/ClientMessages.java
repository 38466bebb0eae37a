package io.github.dsqlreach.local;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a client sends in its session, on its way to PostgreSQL. */
final class ClientMessages implements MessageStream.Handler {
    /** Only so many words of a statement are looked at. */
    private static final int MOST_WORDS = 1_000;

    private static final String OWN = "dsql-reach";
    /** Under a name of its own, because the client may still use the unnamed statement. */
    private static final byte[] TAKE_SNAPSHOT = Wire.concatenated(
            Wire.closeStatement(OWN),
            Wire.parse(OWN, "SELECT"),
            Wire.bind(OWN, OWN),
            Wire.execute(OWN),
            Wire.closePortal(OWN),
            Wire.closeStatement(OWN),
            Wire.sync());

    private final MessageStream stream;
    private final Answers answers;
    private final ReplacedErrors errors;
    private final TransactionRules rules;

    private final Map<String, StatementPlan> statements = new HashMap<>();
    private final Map<String, StatementPlan> portals = new HashMap<>();
    /** Of the last Execute. */
    private StatementPlan executed = StatementPlan.PLAIN;
    /** Whether what is executed up to the next Sync may change too many rows, in a transaction that ends with it. */
    private boolean mayChangeMany;

    ClientMessages(MessageStream stream, Answers answers, ReplacedErrors errors, TransactionRules rules) {
        this.stream = stream;
        this.answers = answers;
        this.errors = errors;
        this.rules = rules;
    }

    @Override
    public boolean wants(char type) {
        return "QPBECSFcf".indexOf(type) >= 0;
    }

    @Override
    public byte[] message(char type, byte[] buffer, int body, int end) throws IOException {
        char status = answers.statusWhenIdle();
        if (status != 0) {
            rules.resume(status);
            if (rules.takeOver()) {
                answers.expectQuery(Answers.Share.NOTHING, List.of());
                stream.sendBefore(Wire.query(errors.failing(Refusals.of("rows", ""))));
            }
        }
        return switch (type) {
            case 'Q' -> query(text(buffer, body, end - 1));
            case 'P' -> parse(buffer, body, end);
            case 'B' -> bind(buffer, body);
            case 'E' -> execute(textAt(buffer, body));
            case 'C' -> {
                close((char) buffer[body], textAt(buffer, body + 1));
                yield MessageStream.KEEP;
            }
            case 'S' -> sync();
            case 'F' -> {
                answers.expectQuery(Answers.Share.ALL, List.of());
                yield MessageStream.KEEP;
            }
            default -> {
                answers.endCopyIn();
                yield MessageStream.KEEP;
            }
        };
    }

    private byte[] query(String text) {
        List<SqlStatement> all = SqlStatement.all(text, MOST_WORDS);
        List<Answers.Execution> executions = new ArrayList<>();
        StringBuilder changed = new StringBuilder();
        int copied = 0;
        StatementPlan last = StatementPlan.PLAIN;
        rules.endImplicit();
        for (SqlStatement statement : all) {
            last = StatementPlan.of(statement, text);
            executions.add(last.execution());
            Optional<ErrorText> refusal = last.refusal() == null ? rules.execute(last.kind()) : Optional.empty();
            String instead = refusal.map(errors::failing).orElse(instead(last));
            if (instead != null) {
                changed.append(text, copied, statement.start()).append(instead);
                copied = statement.end();
            }
        }
        changed.append(text, copied, text.length());
        if (last.kind() != StatementPlan.Kind.BEGIN) {
            answers.expectQuery(Answers.Share.ALL, executions);
            return copied == 0 ? MessageStream.KEEP : Wire.query(changed.toString());
        }
        answers.expectQuery(Answers.Share.ALL_BUT_READY, executions);
        answers.expectReady(Answers.Share.READY_ONLY);
        return Wire.concatenated(Wire.query(changed.toString()), TAKE_SNAPSHOT);
    }

    /** What PostgreSQL executes instead of the statement; {@code null} for the statement itself. */
    private @Nullable String instead(StatementPlan plan) {
        return plan.refusal() == null ? plan.replacement() : errors.failing(plan.refusal());
    }

    private byte[] parse(byte[] buffer, int body, int end) {
        answers.expectEvent();
        String name = textAt(buffer, body);
        String text = textAt(buffer, body + name.length() + 1);
        StatementPlan plan = SqlStatement.first(text, MOST_WORDS)
                .map(statement -> StatementPlan.of(statement, text))
                .orElse(StatementPlan.PLAIN);
        note(statements, name, plan);
        String instead = instead(plan);
        // Without the types of parameters: what is replaced has none.
        return instead == null ? MessageStream.KEEP : Wire.parse(name, instead);
    }

    private static void note(Map<String, StatementPlan> plans, String name, StatementPlan plan) {
        if (plan == StatementPlan.PLAIN) {
            plans.remove(name);
        } else {
            plans.put(name, plan);
        }
    }

    private byte[] bind(byte[] buffer, int body) {
        answers.expectEvent();
        String portal = textAt(buffer, body);
        String statement = textAt(buffer, body + portal.length() + 1);
        note(portals, portal, statements.getOrDefault(statement, StatementPlan.PLAIN));
        return MessageStream.KEEP;
    }

    private byte[] execute(String portal) {
        executed = portals.getOrDefault(portal, StatementPlan.PLAIN);
        answers.expect(executed.execution());
        mayChangeMany |= executed.mayChangeMany() && rules.isAutocommit();
        return rules.execute(executed.kind())
                .map(refusal -> Wire.execute(errors.failingName(refusal)))
                .orElse(MessageStream.KEEP);
    }

    private void close(char kind, String name) {
        answers.expectEvent();
        (kind == 'S' ? statements : portals).remove(name);
    }

    private byte[] sync() throws IOException {
        boolean takesSnapshot = executed.kind() == StatementPlan.Kind.BEGIN;
        rules.endImplicit();
        byte[] before = mayChangeMany ? heldCommit() : MessageStream.KEEP;
        mayChangeMany = false;
        Answers.Share share = takesSnapshot ? Answers.Share.ALL_BUT_READY : Answers.Share.ALL;
        if (!answers.expectReady(share)) {
            return MessageStream.KEEP;
        }
        executed = StatementPlan.PLAIN;
        if (!takesSnapshot) {
            return before;
        }
        answers.expectReady(Answers.Share.READY_ONLY);
        return Wire.concatenated(Wire.sync(), TAKE_SNAPSHOT);
    }

    /** The commit comes with the Sync: waits until it is known how many rows were changed. */
    private byte[] heldCommit() throws IOException {
        stream.sendBefore(Wire.flush());
        answers.awaitEvents();
        if (!rules.takeOver()) {
            return MessageStream.KEEP;
        }
        answers.expectEvent();
        return Wire.concatenated(Wire.execute(errors.failingName(Refusals.of("rows", ""))), Wire.sync());
    }

    /** One character for each byte, whatever the client's encoding is. */
    private static String text(byte[] buffer, int from, int end) {
        return new String(buffer, from, end - from, StandardCharsets.ISO_8859_1);
    }

    private static String textAt(byte[] buffer, int from) {
        int end = from;
        while (buffer[end] != 0) {
            end++;
        }
        return text(buffer, from, end);
    }
}
