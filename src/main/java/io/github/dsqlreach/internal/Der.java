package io.github.dsqlreach.internal;

import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;

/** Values in DER (X.690), as far as certificates need them. */
final class Der {
    private static final int BOOLEAN = 0x01;
    private static final int INTEGER = 0x02;
    private static final int BIT_STRING = 0x03;
    private static final int OCTET_STRING = 0x04;
    private static final int OBJECT_IDENTIFIER = 0x06;
    private static final int UTF8_STRING = 0x0c;
    private static final int UTC_TIME = 0x17;
    private static final int GENERALIZED_TIME = 0x18;
    private static final int SEQUENCE = 0x30;
    private static final int SET = 0x31;
    private static final int CONTEXT = 0x80;
    private static final int CONSTRUCTED = 0x20;

    private static final int LONGEST_SHORT_FORM = 0x7f;
    private static final DateTimeFormatter TWO_DIGIT_YEAR = DateTimeFormatter.ofPattern("yyMMddHHmmss'Z'");
    private static final DateTimeFormatter FOUR_DIGIT_YEAR = DateTimeFormatter.ofPattern("yyyyMMddHHmmss'Z'");

    private Der() {}

    static byte[] sequence(byte[]... values) {
        return value(SEQUENCE, values);
    }

    static byte[] set(byte[]... values) {
        return value(SET, values);
    }

    static byte[] yes() {
        return value(BOOLEAN, new byte[] {(byte) 0xff});
    }

    static byte[] integer(BigInteger number) {
        return value(INTEGER, number.toByteArray());
    }

    /** A bit string of whole bytes, but for so many bits at the end. */
    static byte[] bits(int unused, byte[] bytes) {
        return value(BIT_STRING, new byte[] {(byte) unused}, bytes);
    }

    static byte[] octets(byte[] bytes) {
        return value(OCTET_STRING, bytes);
    }

    /** An object identifier, from its numbers: {@code 2.5.4.3}. */
    static byte[] oid(String dotted) {
        String[] arcs = dotted.split("\\.");
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        bytes.write(40 * Integer.parseInt(arcs[0]) + Integer.parseInt(arcs[1]));
        for (int i = 2; i < arcs.length; i++) {
            int arc = Integer.parseInt(arcs[i]);
            for (int shift = 28; shift >= 0; shift -= 7) {
                if (shift == 0) {
                    bytes.write(arc & 0x7f);
                } else if (arc >>> shift != 0) {
                    bytes.write(arc >>> shift & 0x7f | 0x80);
                }
            }
        }
        return value(OBJECT_IDENTIFIER, bytes.toByteArray());
    }

    static byte[] utf8(String text) {
        return value(UTF8_STRING, text.getBytes(StandardCharsets.UTF_8));
    }

    /** A time as RFC 5280 demands it: with two digits for the years 1950 to 2049. */
    static byte[] time(Instant time) {
        ZonedDateTime utc = time.atZone(ZoneOffset.UTC);
        boolean isShort = utc.getYear() >= 1950 && utc.getYear() < 2050;
        return value(
                isShort ? UTC_TIME : GENERALIZED_TIME,
                (isShort ? TWO_DIGIT_YEAR : FOUR_DIGIT_YEAR).format(utc).getBytes(StandardCharsets.US_ASCII));
    }

    /** A value with a tag of its context around it. */
    static byte[] explicit(int tag, byte[] value) {
        return value(CONTEXT | CONSTRUCTED | tag, value);
    }

    /** A primitive value with a tag of its context instead of that of its type. */
    static byte[] implicit(int tag, byte[] content) {
        return value(CONTEXT | tag, content);
    }

    private static byte[] value(int tag, byte[]... contents) {
        ByteArrayOutputStream content = new ByteArrayOutputStream();
        for (byte[] part : contents) {
            content.writeBytes(part);
        }
        ByteArrayOutputStream value = new ByteArrayOutputStream();
        value.write(tag);
        if (content.size() <= LONGEST_SHORT_FORM) {
            value.write(content.size());
        } else {
            byte[] length = BigInteger.valueOf(content.size()).toByteArray();
            int leadingZero = length[0] == 0 ? 1 : 0;
            value.write(0x80 | length.length - leadingZero);
            value.write(length, leadingZero, length.length - leadingZero);
        }
        value.writeBytes(content.toByteArray());
        return value.toByteArray();
    }
}
