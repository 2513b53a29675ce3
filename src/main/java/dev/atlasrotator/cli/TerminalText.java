package dev.atlasrotator.cli;

/** Text for a terminal: no line wider than it, and colour where it takes that. */
final class TerminalText {
    /** Narrower than this no table is legible; longer lines are left to the terminal. */
    private static final int WIDTH_MIN = 40;

    /** The colours by ANSI's codes. */
    enum AnsiColor {
        PLAIN(""),
        RED("\033[1;31m"),
        YELLOW("\033[33m"),
        GREEN("\033[32m");

        private final String code;

        AnsiColor(String code) {
            this.code = code;
        }
    }

    private final int width;
    private final boolean colour;
    private final StringBuilder text = new StringBuilder();

    TerminalText(int width, boolean colour) {
        this.width = Math.max(width, WIDTH_MIN);
        this.colour = colour;
    }

    int width() {
        return width;
    }

    void line(String line) {
        text.append(line.stripTrailing()).append('\n');
    }

    @Override
    public String toString() {
        return text.toString();
    }

    /** Words in lines; one that is longer than a line (an ARN) stays whole, so that it copies. */
    void paragraph(String indent, String words, AnsiColor color) {
        var line = new StringBuilder();
        int used = 0;
        for (String word : words.strip().split(" +", -1)) {
            int more = columns(word);
            if (used > 0 && indent.length() + used + 1 + more > width) {
                text.append(indent).append(painted(line.toString(), color)).append('\n');
                line.setLength(0);
                used = 0;
            }
            if (used > 0) {
                line.append(' ');
                used++;
            }
            line.append(word);
            used += more;
        }
        text.append(indent).append(painted(line.toString(), color)).append('\n');
    }

    String painted(String words, AnsiColor color) {
        return colour && color != AnsiColor.PLAIN && !words.isBlank() ? color.code + words + "\033[0m" : words;
    }

    static String padded(String cell, int width) {
        return cell + " ".repeat(Math.max(0, width - columns(cell)));
    }

    /** Names come from outside: nothing of them may move a terminal's cursor or turn its text. */
    static String printable(String foreign) {
        return foreign.replaceAll("\\p{javaWhitespace}", " ").replaceAll("[\\p{Cc}\\p{Cf}\\p{Cs}]", "\uFFFD");
    }

    /** How many columns of a terminal a text takes. */
    static int columns(String words) {
        return words.codePoints().map(TerminalText::columns).sum();
    }

    private static int columns(int point) {
        int type = Character.getType(point);
        if (type == Character.NON_SPACING_MARK || type == Character.ENCLOSING_MARK) {
            return 0;
        }
        return switch (Character.UnicodeScript.of(point)) {
            case HAN, HANGUL, HIRAGANA, KATAKANA, BOPOMOFO, YI -> isHalfWidth(point) ? 1 : 2;
            default -> isWideSign(point) ? 2 : 1;
        };
    }

    private static boolean isHalfWidth(int point) {
        return point >= 0xFF61 && point <= 0xFFDC;
    }

    /** Punctuation of the wide scripts, their forms of ASCII, and snapshots. */
    private static boolean isWideSign(int point) {
        return (point >= 0x3000 && point <= 0x303E)
                || (point >= 0xFF01 && point <= 0xFF60)
                || (point >= 0x1F300 && point <= 0x1FAFF);
    }
}
