package io.github.dsqlreach.report;

import io.github.dsqlreach.Reachability;
import io.github.dsqlreach.report.Messages.Direction;
import io.github.dsqlreach.report.Messages.Message;
import io.github.dsqlreach.report.Messages.Place;
import java.util.List;

/**
 * The messages between this machine, the network and the cluster, one line each, up to the failure. It says that something in
 * the network caused the failure only if the evidence shows it.
 */
final class PhaseDiagram {
    private static final int HERE = 40;
    private static final int NETWORK = 58;
    private static final int CLUSTER = 76;

    private PhaseDiagram() {}

    /** The diagram as text, at most 100 columns wide, each line ended; empty if nothing was attempted. */
    static String of(Reachability reachability, TextStyle style) {
        return style.finish(draw(reachability, style));
    }

    private static String draw(Reachability reachability, TextStyle style) {
        List<Message> messages = Messages.of(reachability);
        if (messages.isEmpty()) {
            return "";
        }
        List<String> places = Messages.places(reachability);
        StringBuilder text = new StringBuilder(" ".repeat(HERE + 12));
        centre(text, HERE, places.get(0));
        centre(text, NETWORK, places.get(1));
        centre(text, CLUSTER, places.get(2));
        text.append('\n');
        for (Message message : messages) {
            text.append(line(message, style)).append('\n');
            if (message.broke() && !message.note().isEmpty()) {
                for (String note : Wrap.lines(message.note(), 94)) {
                    text.append("    ").append(style.failed(note)).append('\n');
                }
            }
        }
        return text.toString();
    }

    private static void centre(StringBuilder line, int column, String title) {
        int start = column - title.length() / 2;
        line.append(" ".repeat(Math.max(0, start + title.length() - line.length())));
        line.replace(start, start + title.length(), title);
        line.setLength(start + title.length());
    }

    private static String line(Message message, TextStyle style) {
        String label = Wrap.cut(message.label(), HERE - 6);
        String rest = " " + label + " ".repeat(HERE - 4 - label.length()) + lanes(message);
        return "  " + style.marked(message.status(), Phrases.mark(message.status()), rest);
    }

    /** From this machine's line to the cluster's. */
    private static String lanes(Message message) {
        char[] lanes = " ".repeat(CLUSTER - HERE + 1).toCharArray();
        lanes[0] = message.place() == Place.HERE ? message.broke() ? '✗' : '●' : '│';
        lanes[NETWORK - HERE] = '│';
        lanes[CLUSTER - HERE] = '│';
        int end = (message.place() == Place.CLUSTER ? CLUSTER : NETWORK) - HERE;
        if (message.direction() != Direction.NONE) {
            for (int i = 1; i < end; i++) {
                lanes[i] = '─';
            }
            boolean out = message.direction() == Direction.OUT;
            lanes[0] = out ? '├' : '│';
            lanes[out ? end - 1 : 1] = out ? '►' : '◄';
            if (message.place() == Place.SOMEWHERE) {
                lanes[end] = '?';
            } else if (!out) {
                lanes[end] = message.broke() ? '✗' : '┤';
            }
        }
        return new String(lanes);
    }
}
