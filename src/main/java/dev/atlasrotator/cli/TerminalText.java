package dev.atlasrotator.cli;

import dev.atlasrotator.cli.Screen.Palette;
import java.util.regex.Pattern;

/** Text for a terminal: no line wider than it, and colour where it takes that. */
final class TerminalText {
    /** Narrower than this no table is legible; longer lines are left to the terminal. */
    private static final int WIDTH_MIN = 40;

    private static final Pattern NO_COLUMN = Pattern.compile("[\\p{Mn}\\p{Me}]");

    /** The wide scripts, their punctuation and forms of ASCII, and pictures; not their half-width forms. */
    private static final Pattern TWO_COLUMNS =
            Pattern.compile("[\\p{IsHan}\\p{IsHangul}\\p{IsHiragana}\\p{IsKatakana}\\p{IsBopomofo}\\p{IsYi}"
                    + "\\u3000-\\u303e\\uff01-\\uff60\\x{1f300}-\\x{1faff}&&[^\\uff61-\\uffdc\\p{Mn}\\p{Me}]]");

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
    private final Palette palette;
    private final StringBuilder text = new StringBuilder();

    TerminalText(Screen screen) {
        this.width = Math.max(screen.columns(), WIDTH_MIN);
        this.palette = screen.palette();
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
        var line = new StringBuilder(indent);
        for (String word : words.strip().split(" +", -1)) {
            if (line.length() > indent.length()) {
                if (columns(line + " " + word) > width) {
                    line(painted(line.toString(), color));
                    line.setLength(indent.length());
                } else {
                    line.append(' ');
                }
            }
            line.append(word);
        }
        line(painted(line.toString(), color));
    }

    String painted(String words, AnsiColor color) {
        return palette == Palette.NO_COLOURS || color == AnsiColor.PLAIN || words.isBlank()
                ? words
                : color.code + words + "\033[0m";
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
        return words.codePointCount(0, words.length()) - count(NO_COLUMN, words) + count(TWO_COLUMNS, words);
    }

    private static int count(Pattern pattern, String words) {
        return (int) pattern.matcher(words).results().count();
    }
}
