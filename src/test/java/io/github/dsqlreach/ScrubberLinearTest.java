package io.github.dsqlreach;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ScrubberLinearTest {

    @ParameterizedTest
    @ValueSource(
            strings = {
                " ",
                "a",
                "A1a",
                "%25",
                "0f ",
                "X-Amz-Signature=",
                "authorization: ",
                "authorization",
                "bearer ",
                "bearer",
                "basic ",
                "://",
                "://a:",
                "password=\"",
                "password='",
                "password \\\"",
                "secret",
                "secret ",
                "<password>",
                "session_token",
                "arn:aws:",
                "::a",
                "::",
                "##[",
                "##",
                "-- ",
                "[",
                "\n",
                "\n ",
                "\t \n",
                "\u0007",
                "\u202e"
            })
    void twiceTheTextIsTwiceTheWork(String piece) {
        Work.assertLinear(ScrubberLinearTest.class, "scrub", 500, piece);
    }

    static void scrub(int size, String piece) {
        Scrubber.scrub(piece.repeat(size));
        Scrubber.oneLine(piece.repeat(size));
        Scrubber.line(piece.repeat(size), 100);
    }
}
