package io.github.dsqlreach.local;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AnswersTest {
    private final Answers answers = new Answers();

    /** PostgreSQL answers one Sync only: that behind the data. */
    @Test
    void aClientThatSendsTheDataOfACopyBeforeItIsAskedGetsOneAnswer() {
        sendCopy();
        answers.endCopyIn();
        answers.expectReady(Answers.Share.ALL);

        answers.event();
        answers.event();
        answers.beginCopyIn();
        answers.failed();
        answers.ready('I');

        assertThat(answers.statusWhenIdle()).isEqualTo('I');
    }

    @Test
    void aClientThatWaitsForTheQuestionGetsOneAnswerToo() {
        sendCopy();
        answers.event();
        answers.event();
        answers.beginCopyIn();

        answers.endCopyIn();
        answers.expectReady(Answers.Share.ALL);
        answers.failed();
        assertThat(answers.statusWhenIdle()).isEqualTo((char) 0);
        answers.ready('I');

        assertThat(answers.statusWhenIdle()).isEqualTo('I');
    }

    private void sendCopy() {
        answers.expectEvent();
        answers.expectEvent();
        answers.expect(Answers.Execution.PLAIN);
        answers.expectReady(Answers.Share.ALL);
    }
}
