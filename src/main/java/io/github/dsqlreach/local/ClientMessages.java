package io.github.dsqlreach.local;

import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** What a client sends in its session, on its way to PostgreSQL. */
final class ClientMessages implements MessageStream.Handler {
    /** Only so many words of a statement are looked at. */
    static final int MOST_WORDS = 1_000;

    private static final String BEGIN = "BEGIN ISOLATION LEVEL REPEATABLE READ";
    private static final String ROLLBACK = "ROLLBACK";
    private static final byte[] NOTHING = new byte[0];

    private final MessageStream stream;
    private final SessionTransaction session;
    private final Answers answers;
    private final ReplacedErrors errors;
    private final TransactionRules rules;
    private final StatementFaults faults;
    private final Runnable reset;

    private final Map<String, StatementPlan> statements = new HashMap<>();
    private final Map<String, StatementPlan> portals = new HashMap<>();
    /** The same by their texts, for faults that are for some statements only. */
    private final Map<String, String> statementTexts = new HashMap<>();

    private final Map<String, String> portalTexts = new HashMap<>();
    /** Why the commit that is sent is made to fail. */
    private @Nullable ErrorText failure;
    /** Whether the connection ends when PostgreSQL has answered the current message. */
    private boolean losesAnswer;
    /** Whether the transaction that is committed by the next Sync has had its chance to go wrong. */
    private boolean isCommitSeen;
    /** Whether what is executed up to the next Sync may change too many rows, in a transaction that ends with it. */
    private boolean mayChangeMany;
    /** How many statements since the last Sync change rows, in a transaction that ends with the next one. */
    private int changes;
    /** Whether the commit of a COPY that the client has sent as a simple query waits for the end of its rows. */
    private boolean isCopyHeld;

    /** Whether the statements of the relay are prepared. */
    private boolean isPrepared;

    /** Whether BEGIN has been processed, and no statement that takes the snapshot has followed it. */
    private boolean isSnapshotDue;

    /** Whether the message that is handled fails because its transaction has lost a conflict. */
    private boolean tellsConflict;

    /** Whether rows are counted around the message that is handled. */
    private boolean isCounted;

    /** Whether a COMMIT was made to fail; on a cluster no transaction is left behind it. */
    private boolean rollsBack;

    ClientMessages(
            MessageStream stream,
            SessionTransaction session,
            Answers answers,
            ReplacedErrors errors,
            TransactionRules rules,
            StatementFaults faults,
            Runnable reset) {
        this.faults = faults;
        this.reset = reset;
        this.stream = stream;
        this.session = session;
        this.answers = answers;
        this.errors = errors;
        this.rules = rules;
    }

    @Override
    public void begin() {
        session.lock();
    }

    @Override
    public void end() {
        session.unlock();
    }

    @Override
    public boolean wants(char type) {
        return "QPBEDCSFcf".indexOf(type) >= 0;
    }

    @Override
    public byte[] message(char type, byte[] buffer, int body, int end) throws IOException {
        Transaction before = session.transaction();
        if (before != null && before.isParked()) {
            sendAgain(before);
        } else {
            resume(answers.statusWhenIdle());
        }
        before = session.transaction();
        tellsConflict = false;
        isCounted = false;
        byte[] instead = handle(type, buffer, body, end);
        Transaction noted = before == session.transaction() ? before : null;
        // A client that has already sent the next statement has the snapshot taken by that.
        boolean takesSnapshot = isSnapshotDue
                && isPrepared
                && !stream.hasReadBeyond(end)
                && (type == 'Q' || type == 'S')
                && answers.holdReady();
        if (noted == null && !takesSnapshot) {
            return instead;
        }
        byte[] message = Arrays.copyOfRange(buffer, body - MessageStream.HEADER_BYTES, end);
        byte[] sent = instead == MessageStream.KEEP ? message : instead;
        if (noted != null) {
            note(noted, type, tellsConflict || isCounted || type == 'B' ? message : sent);
        }
        if (!takesSnapshot) {
            return instead;
        }
        isSnapshotDue = false;
        answers.expectReady(Answers.Share.READY_ONLY);
        return Wire.concatenated(sent, OwnStatements.TAKE_SNAPSHOT);
    }

    private byte[] handle(char type, byte[] buffer, int body, int end) throws IOException {
        return switch (type) {
            case 'Q' -> query(Wire.text(buffer, body, end - 1));
            case 'P' -> parse(buffer, body, end);
            case 'B' -> bind(buffer, body, end);
            case 'E' -> execute(buffer, body, end);
            case 'C' -> {
                close((char) buffer[body], Wire.textAt(buffer, body + 1));
                yield MessageStream.KEEP;
            }
            case 'D' -> {
                answers.expectNothing();
                yield MessageStream.KEEP;
            }
            case 'S' -> sync();
            case 'F' -> {
                answers.expectQuery(Answers.Share.ALL, List.of());
                yield MessageStream.KEEP;
            }
            default -> endCopy(buffer, body, end);
        };
    }

    /** Nothing is under way if PostgreSQL has said what the state is. */
    private void resume(char status) throws IOException {
        if (status == 0) {
            return;
        }
        if (!isPrepared && status != 'E') {
            isPrepared = true;
            answers.expectReady(Answers.Share.NOTHING);
            stream.sendBefore(OwnStatements.PREPARE);
        }
        rules.resume(status);
        if (status == 'I') {
            session.end();
        }
        if (rules.takeOver()) {
            sendBefore(errors.failing(Refusals.of("rows", "")));
        }
    }

    /** A query of ours, of which the client gets nothing. */
    private void sendBefore(String query) throws IOException {
        answers.expectQuery(Answers.Share.NOTHING, List.of());
        stream.sendBefore(Wire.query(query));
    }

    /** What PostgreSQL needs to know again if the transaction gives way to another one. */
    private static void note(Transaction transaction, char type, byte[] message) {
        switch (type) {
            case 'P', 'B', 'D', 'E', 'C' -> transaction.sent(message, false);
            case 'S' -> transaction.sent(Wire.sync(), true);
            case 'Q' -> transaction.sent(message, true);
            case 'F', 'c', 'f' -> transaction.cannotBeReplayed();
            default -> {
                // It changes nothing.
            }
        }
    }

    /** The transaction gave way to another one, and its client goes on: PostgreSQL does again what it had done. */
    private void sendAgain(Transaction transaction) throws IOException {
        try (HeldSnapshot snapshot = transaction.unpark()) {
            if (snapshot == null) {
                sendBefore(BEGIN);
                return;
            }
            Answers.Replay begin = answers.expectReplay(1);
            stream.sendBefore(Wire.query(
                    BEGIN + "; SET TRANSACTION SNAPSHOT '" + snapshot.id() + "'; " + OwnStatements.SAVEPOINT));
            if (!answers.isReplayed(begin)) {
                transaction.lose(Refusals.of("conflict", ""));
                sendBefore(ROLLBACK);
                sendBefore(BEGIN);
                return;
            }
            transaction.setSavepoint();
            if (transaction.conflict() == null) {
                Answers.Replay replay = answers.expectReplay(transaction.answers());
                stream.sendBefore(transaction.messages());
                if (!answers.isReplayedAsBefore(replay)) {
                    transaction.lose(Refusals.of("conflict", ""));
                    sendBefore("ROLLBACK TO " + OwnStatements.SAVEPOINT);
                }
            }
        }
    }

    /** Why the statement fails, if PostgreSQL does not tell. */
    private Optional<ErrorText> refusal(StatementPlan plan, String text) throws IOException {
        Transaction transaction = session.transaction();
        boolean isAutocommit = rules.isAutocommit();
        session.executes(text);
        isSnapshotDue &= !plan.takesSnapshot();
        isPrepared &= plan.kind() != StatementPlan.Kind.FORGET;
        switch (plan.kind()) {
            case BEGIN -> {
                isSnapshotDue = plan.refusal() == null;
                if (isAutocommit && plan.refusal() == null) {
                    session.begin();
                }
            }
            case COMMIT -> {
                isSnapshotDue = false;
                if (transaction != null && !rules.hasFailed()) {
                    failure = transaction.conflict() == null ? fault() : transaction.conflict();
                    if (failure == null && session.isTooOld()) {
                        failure = Refusals.of("age", "");
                    }
                    if (failure == null && !session.commits()) {
                        failure = transaction.conflict();
                    }
                    rollsBack = failure != null;
                }
                session.end();
            }
            case ROLLBACK -> {
                isSnapshotDue = false;
                session.end();
            }
            default -> {
                ErrorText conflict = transaction == null ? null : transaction.conflictAt(text);
                if (conflict != null) {
                    tellsConflict = true;
                    return Optional.of(conflict);
                }
            }
        }
        Optional<ErrorText> byRules = plan.refusal() == null ? rules.execute(plan.kind()) : Optional.of(plan.refusal());
        if (isAutocommit && plan.kind() == StatementPlan.Kind.DML && !isCommitSeen && byRules.isEmpty()) {
            isCommitSeen = true;
            return Optional.ofNullable(fault());
        }
        if (plan.kind() == StatementPlan.Kind.COMMIT || plan.kind() == StatementPlan.Kind.ROLLBACK) {
            session.texts().clear();
        }
        return rollsBack ? Optional.ofNullable(failure) : byRules;
    }

    /** The next commit has its chance to go wrong: why it fails, or {@code null} if it does not fail in words. */
    private @Nullable ErrorText fault() throws IOException {
        StatementFaults.Effect fault = faults.atCommit(session.texts());
        if (fault == null) {
            return null;
        }
        switch (fault.kind()) {
            case FAIL -> {
                return fault.error();
            }
            case LOSE -> losesAnswer = true;
            case DELAY -> answers.pause(fault.delay());
            case RESET -> {
                reset.run();
                throw new EOFException(fault.toString());
            }
            case END -> throw new EOFException(fault.toString());
        }
        return null;
    }

    /** A transaction without BEGIN has ended. */
    private void endImplicit() {
        rules.endImplicit();
        isCommitSeen = false;
        if (rules.isAutocommit()) {
            session.texts().clear();
        }
    }

    private byte[] query(String text) throws IOException {
        List<SqlStatement> all = SqlStatement.all(text, MOST_WORDS);
        List<Answers.Execution> executions = new ArrayList<>();
        StringBuilder changed = new StringBuilder();
        int copied = 0;
        endImplicit();
        boolean changesRowsOnly = rules.isAutocommit() && !all.isEmpty();
        mayChangeMany = all.size() > StatementPlan.FEW;
        boolean isCopy = false;
        List<StatementPlan> plans = new ArrayList<>();
        for (SqlStatement statement : all) {
            StatementPlan plan = StatementPlan.of(statement, text);
            plans.add(plan);
            if (all.size() == 1 && answers.isAllSent() && setsSavepoint(plan)) {
                sendBefore(OwnStatements.SAVEPOINT);
            }
            String views = answers.isAllSent() ? viewsFor(text.substring(statement.start(), statement.end())) : null;
            if (views != null) {
                sendBefore(views);
            }
            changesRowsOnly &= plan.kind() == StatementPlan.Kind.DML;
            isCopy |= plan.isCopy();
            mayChangeMany |= plan.mayChangeMany();
            executions.add(plan.execution());
            Optional<ErrorText> refusal = refusal(plan, text.substring(statement.start(), statement.end()));
            String instead = refusal.map(errors::failing).orElse(plan.replacement());
            if (instead != null) {
                changed.append(text, copied, statement.start()).append(instead);
                copied = statement.end();
            }
        }
        changed.append(text, copied, text.length());
        isCounted = !rules.isAutocommit()
                && plans.size() == 1
                && plans.get(0).changesInside()
                && copied == 0
                && answers.isAllSent();
        if (isCounted) {
            sendBefore(OwnStatements.NOTE_ROWS);
            changed.append("\n;").append(OwnStatements.COUNT_ROWS);
            executions.add(Answers.Execution.OWN);
            copied = text.length();
        }
        // A simple query has no parameters.
        boolean canBeHeld = changesRowsOnly && copied == 0 && !text.contains("$1");
        boolean isHeld = mayChangeMany && !isCopy && canBeHeld;
        mayChangeMany = false;
        if (isHeld) {
            return heldQuery(text, all, plans);
        }
        if (isCopy && all.size() == 1 && canBeHeld) {
            return heldCopy(text);
        }
        Transaction transaction = session.transaction();
        if (transaction != null && all.size() > 1) {
            transaction.cannotBeReplayed();
        }
        if (rollsBack) {
            rollsBack = false;
            answers.expectQuery(Answers.Share.ALL_BUT_READY, executions);
            answers.expectQuery(Answers.Share.READY_ONLY, List.of());
            return Wire.concatenated(Wire.query(changed.toString()), Wire.query(ROLLBACK));
        }
        answers.expectQuery(losesAnswer ? Answers.Share.RESET : Answers.Share.ALL, executions);
        return copied == 0 ? MessageStream.KEEP : Wire.query(changed.toString());
    }

    /** The commit comes with the query: sends its statements one by one, so that the commit can wait until the rows are counted. */
    private byte[] heldQuery(String text, List<SqlStatement> statements, List<StatementPlan> plans) throws IOException {
        answers.expectPartsOfQuery();
        for (int i = 0; i < statements.size(); i++) {
            SqlStatement statement = statements.get(i);
            answers.expectEvent();
            answers.expectEvent();
            // Blanks keep the positions of errors.
            String alone = " ".repeat(statement.start()) + text.substring(statement.start(), statement.end());
            stream.sendBefore(Wire.concatenated(Wire.parse("", alone), Wire.bind("", ""), Wire.describePortal("")));
            byte[] execute = Wire.execute("");
            if (plans.get(i).changesInside()) {
                execute = counted(plans.get(i), execute);
            } else {
                answers.expectEvent();
            }
            stream.sendBefore(execute);
        }
        return endHeld();
    }

    /** The commit comes with the query, and the rows after it: the commit can wait until they are counted. */
    private byte[] heldCopy(String text) throws IOException {
        answers.expectPartsOfQuery();
        answers.expectEvent();
        answers.expectEvent();
        answers.expectEvent();
        stream.sendBefore(Wire.concatenated(Wire.parse("", text), Wire.bind("", ""), Wire.execute(""), Wire.flush()));
        answers.awaitEvents();
        isCopyHeld = answers.isCopyingIn();
        if (isCopyHeld) {
            return NOTHING;
        }
        answers.expectReady(Answers.Share.ALL);
        return Wire.sync();
    }

    /** The rows of a COPY end. */
    private byte[] endCopy(byte[] buffer, int body, int end) throws IOException {
        answers.endCopyIn();
        if (!isCopyHeld) {
            mayChangeMany |= rules.isAutocommit();
            return MessageStream.KEEP;
        }
        isCopyHeld = false;
        stream.sendBefore(Arrays.copyOfRange(buffer, body - MessageStream.HEADER_BYTES, end));
        return endHeld();
    }

    /** Commits what the client has sent as a simple query, if it has not changed too many rows. */
    private byte[] endHeld() throws IOException {
        byte[] instead = heldCommit();
        answers.expectReady(losesAnswer ? Answers.Share.RESET : Answers.Share.ALL);
        return instead == MessageStream.KEEP ? Wire.sync() : instead;
    }

    /** What PostgreSQL executes instead of the statement; {@code null} for the statement itself. */
    private @Nullable String instead(StatementPlan plan) {
        return plan.refusal() == null ? plan.replacement() : errors.failing(plan.refusal());
    }

    private byte[] parse(byte[] buffer, int body, int end) {
        String name = Wire.textAt(buffer, body);
        String text = Wire.textAt(buffer, body + name.length() + 1);
        byte[] views = makingViews(text);
        answers.expectEvent();
        StatementPlan plan = SqlStatement.first(text, MOST_WORDS)
                .map(statement -> StatementPlan.of(statement, text))
                .orElse(StatementPlan.PLAIN);
        note(statements, name, plan);
        statementTexts.put(name, text);
        String instead = instead(plan);
        if (instead != null) {
            // Without the types of parameters: what is replaced has none.
            return Wire.parse(name, instead);
        }
        return views.length == 0
                ? MessageStream.KEEP
                : Wire.concatenated(views, Arrays.copyOfRange(buffer, body - MessageStream.HEADER_BYTES, end));
    }

    private static void note(Map<String, StatementPlan> plans, String name, StatementPlan plan) {
        if (plan == StatementPlan.PLAIN) {
            plans.remove(name);
        } else {
            plans.put(name, plan);
        }
    }

    private byte[] bind(byte[] buffer, int body, int end) {
        String portal = Wire.textAt(buffer, body);
        String statement = Wire.textAt(buffer, body + portal.length() + 1);
        StatementPlan plan = statements.getOrDefault(statement, StatementPlan.PLAIN);
        String text = statementTexts.getOrDefault(statement, "");
        byte[] views = makingViews(text);
        boolean setsSavepoint = setsSavepoint(plan);
        if (setsSavepoint) {
            answers.expectOwn(OwnStatements.SAVEPOINT_EVENTS);
        }
        answers.expectEvent();
        note(portals, portal, plan);
        portalTexts.put(portal, text);
        if (views.length == 0 && !setsSavepoint) {
            return MessageStream.KEEP;
        }
        return Wire.concatenated(
                views,
                setsSavepoint ? OwnStatements.SET_SAVEPOINT : NOTHING,
                Arrays.copyOfRange(buffer, body - MessageStream.HEADER_BYTES, end));
    }

    /** The query that makes the views that a statement of that text needs; {@code null} if it needs none. */
    private @Nullable String viewsFor(String text) {
        Transaction transaction = session.transaction();
        return transaction == null ? null : transaction.makingViewsFor(text);
    }

    /** The same as messages among those of the client; empty if it needs none. */
    private byte[] makingViews(String text) {
        String query = viewsFor(text);
        if (query == null) {
            return NOTHING;
        }
        answers.expectOwn(OwnStatements.ONCE_EVENTS);
        return OwnStatements.once(query);
    }

    /** Whether a savepoint is due before a statement with that plan, so that the transaction can go on if it loses a conflict. */
    private boolean setsSavepoint(StatementPlan plan) {
        Transaction transaction = session.transaction();
        if (transaction == null
                || transaction.hasSavepoint()
                || !plan.mayConflict()
                || !isPrepared
                || rules.hasFailed()) {
            return false;
        }
        transaction.setSavepoint();
        return true;
    }

    private byte[] execute(byte[] buffer, int body, int end) throws IOException {
        String portal = Wire.textAt(buffer, body);
        StatementPlan executed = portals.getOrDefault(portal, StatementPlan.PLAIN);
        if (rules.isAutocommit() && executed.kind() == StatementPlan.Kind.DML) {
            changes++;
            mayChangeMany |= executed.mayChangeMany() || changes > StatementPlan.FEW;
        }
        if (executed.kind() == StatementPlan.Kind.BEGIN) {
            answers.expectBegin();
        }
        Optional<ErrorText> refusal =
                executed.refusal() == null ? refusal(executed, portalTexts.getOrDefault(portal, "")) : Optional.empty();
        isCounted = executed.changesInside() && refusal.isEmpty();
        if (isCounted) {
            return counted(executed, Arrays.copyOfRange(buffer, body - MessageStream.HEADER_BYTES, end));
        }
        answers.expect(executed.execution());
        return refusal.map(error -> Wire.execute(errors.failingName(error))).orElse(MessageStream.KEEP);
    }

    /** An Execute of a statement that changes rows inside WITH. */
    private byte[] counted(StatementPlan plan, byte[] execute) {
        answers.expectOwn(OwnStatements.ONCE_EVENTS);
        answers.expect(plan.execution());
        answers.expectOwn(OwnStatements.ONCE_EVENTS);
        return Wire.concatenated(
                OwnStatements.once(OwnStatements.NOTE_ROWS), execute, OwnStatements.once(OwnStatements.COUNT_ROWS));
    }

    private void close(char kind, String name) {
        answers.expectEvent();
        (kind == 'S' ? statements : portals).remove(name);
        (kind == 'S' ? statementTexts : portalTexts).remove(name);
    }

    private byte[] sync() throws IOException {
        endImplicit();
        byte[] before = mayChangeMany ? heldCommit() : MessageStream.KEEP;
        mayChangeMany = false;
        changes = 0;
        Answers.Share share =
                losesAnswer ? Answers.Share.RESET : rollsBack ? Answers.Share.ALL_BUT_READY : Answers.Share.ALL;
        if (!answers.expectReady(share)) {
            return MessageStream.KEEP;
        }
        if (rollsBack) {
            rollsBack = false;
            answers.expectQuery(Answers.Share.READY_ONLY, List.of());
            return Wire.concatenated(Wire.sync(), Wire.query(ROLLBACK));
        }
        return before;
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
}
