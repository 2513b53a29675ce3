package dev.atlasrotator.simulator.cloudwatch;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.DoubleBinaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * An expression of metric math: arithmetic, comparison, AND, OR, FILL, RUNNING_SUM and IF, by the rules of the user
 * guide's page "Using metric math". A series has a place for each period, the oldest first; NaN is a missing point.
 */
final class MetricMath {
    /** What an expression is evaluated over. */
    record Range(int periods, Timing.Unseen unseen, Map<String, double[]> series) {}

    /** A number, or a series. */
    private sealed interface Value {
        record Scalar(double number) implements Value {
            @Override
            public double at(int period) {
                return number;
            }
        }

        final class Series implements Value {
            private final double[] points;

            Series(double[] points) {
                this.points = points;
            }

            @Override
            public double at(int period) {
                return points[period];
            }
        }

        double at(int period);
    }

    private interface Term {
        Value in(Range range);
    }

    private static final Pattern TOKEN =
            Pattern.compile("\\s*(\\d+(?:\\.\\d+)?|[A-Za-z_][A-Za-z0-9_]*|<=|>=|==|!=|&&|\\|\\||[-+*/<>(),])");

    private static final Map<String, DoubleBinaryOperator> COMPARISONS = Map.of(
            "<", (one, other) -> one < other ? 1 : 0,
            ">", (one, other) -> one > other ? 1 : 0,
            "<=", (one, other) -> one <= other ? 1 : 0,
            ">=", (one, other) -> one >= other ? 1 : 0,
            "==", (one, other) -> one == other ? 1 : 0,
            "!=", (one, other) -> one != other ? 1 : 0);

    private static final Map<String, DoubleBinaryOperator> SUMS =
            Map.of("+", Double::sum, "-", (one, other) -> one - other);

    /** A division by zero drops the point. */
    private static final Map<String, DoubleBinaryOperator> PRODUCTS = Map.of(
            "*", (one, other) -> one * other,
            "/", (one, other) -> other == 0 ? Double.NaN : one / other);

    private static final Map<String, DoubleBinaryOperator> ANDS = Map.of(
            "AND", (one, other) -> one != 0 && other != 0 ? 1 : 0,
            "&&", (one, other) -> one != 0 && other != 0 ? 1 : 0);

    private static final Map<String, DoubleBinaryOperator> ORS = Map.of(
            "OR", (one, other) -> one != 0 || other != 0 ? 1 : 0,
            "||", (one, other) -> one != 0 || other != 0 ? 1 : 0);

    private static final Set<String> FUNCTIONS = Set.of("FILL", "RUNNING_SUM", "IF");

    private final String text;
    private final List<String> tokens = new ArrayList<>();
    private int next;
    private final Term term;

    private MetricMath(String text) {
        this.text = text;
        Matcher matcher = TOKEN.matcher(text.strip());
        int end = 0;
        while (matcher.lookingAt() || end < text.strip().length()) {
            matcher.region(end, text.strip().length());
            if (!matcher.lookingAt()) {
                throw wrong("cannot be read from " + end);
            }
            tokens.add(matcher.group(1));
            end = matcher.end();
            matcher.region(end, text.strip().length());
        }
        this.term = disjunction();
        if (next < tokens.size()) {
            throw wrong("has something after its end");
        }
    }

    static MetricMath of(String text) {
        return new MetricMath(text);
    }

    /** Its series; a number is none, since an alarm cannot watch one. */
    double[] over(Range range) {
        return switch (term.in(range)) {
            case Value.Series series -> series.points;
            case Value.Scalar scalar -> throw wrong("is no series");
        };
    }

    private Term disjunction() {
        return chain(this::conjunction, ORS);
    }

    private Term conjunction() {
        return chain(this::comparison, ANDS);
    }

    private Term comparison() {
        return chain(this::sum, COMPARISONS);
    }

    private Term sum() {
        return chain(this::product, SUMS);
    }

    private Term product() {
        return chain(this::factor, PRODUCTS);
    }

    private interface Grammar {
        Term read();
    }

    private Term chain(Grammar operand, Map<String, DoubleBinaryOperator> operators) {
        var left = operand.read();
        while (next < tokens.size() && operators.containsKey(tokens.get(next))) {
            var operator =
                    Optional.ofNullable(operators.get(tokens.get(next++))).orElseThrow();
            var one = left;
            var other = operand.read();
            left = range -> combine(one.in(range), other.in(range), operator, range);
        }
        return left;
    }

    private Term factor() {
        var token = token();
        if (token.equals("-")) {
            var operand = factor();
            return range -> combine(new Value.Scalar(0), operand.in(range), (zero, value) -> zero - value, range);
        }
        if (token.equals("(")) {
            var inner = disjunction();
            expect(")");
            return inner;
        }
        if (Character.isDigit(token.charAt(0))) {
            var number = new Value.Scalar(Double.parseDouble(token));
            return range -> number;
        }
        if (next < tokens.size() && tokens.get(next).equals("(")) {
            return function(token);
        }
        return range -> new Value.Series(Optional.ofNullable(range.series().get(token))
                .orElseThrow(() -> wrong("names " + token + ", which is no query before it")));
    }

    private Term function(String name) {
        if (!FUNCTIONS.contains(name)) {
            throw wrong("has the function " + name + ", which this stand-in does not know");
        }
        expect("(");
        var arguments = new ArrayList<Term>();
        do {
            arguments.add(disjunction());
        } while (token().equals(","));
        if (!tokens.get(next - 1).equals(")")) {
            throw wrong("lacks a )");
        }
        return range -> {
            var values = arguments.stream().map(one -> one.in(range)).toList();
            return switch (name) {
                case "FILL" -> fill(values.get(0), values.get(1), range);
                case "RUNNING_SUM" -> runningSum(values.getFirst(), range);
                default -> choose(values, range);
            };
        };
    }

    private String token() {
        if (next >= tokens.size()) {
            throw wrong("ends too early");
        }
        return tokens.get(next++);
    }

    private void expect(String token) {
        if (!token().equals(token)) {
            throw wrong("lacks a " + token);
        }
    }

    /** A missing value counts as 0 where the other one is there; where both are missing, so is the result. */
    private static Value combine(Value one, Value other, DoubleBinaryOperator operator, Range range) {
        if (one instanceof Value.Scalar(double left) && other instanceof Value.Scalar(double right)) {
            return new Value.Scalar(operator.applyAsDouble(left, right));
        }
        boolean scalar = one instanceof Value.Scalar || other instanceof Value.Scalar;
        return series(range, period -> {
            double left = one.at(period);
            double right = other.at(period);
            boolean missing =
                    scalar ? Double.isNaN(left) || Double.isNaN(right) : Double.isNaN(left) && Double.isNaN(right);
            return missing ? Double.NaN : operator.applyAsDouble(orZero(left), orZero(right));
        });
    }

    private static Value fill(Value value, Value by, Range range) {
        boolean empty = IntStream.range(0, range.periods()).allMatch(period -> Double.isNaN(value.at(period)));
        if (empty && range.unseen() == Timing.Unseen.STAYS_EMPTY) {
            return value;
        }
        return series(range, period -> Double.isNaN(value.at(period)) ? by.at(period) : value.at(period));
    }

    private static Value runningSum(Value value, Range range) {
        var sums = new double[range.periods()];
        double sum = 0;
        for (int period = 0; period < sums.length; period++) {
            sum += orZero(value.at(period));
            sums[period] = Double.isNaN(value.at(period)) ? Double.NaN : sum;
        }
        return new Value.Series(sums);
    }

    /** As the tables under "Using IF expressions": a condition that is missing, or a value that is, drops the point. */
    private static Value choose(List<Value> values, Range range) {
        var condition = values.getFirst();
        return series(range, period -> {
            double holds = condition.at(period);
            if (Double.isNaN(holds)) {
                return Double.NaN;
            }
            if (holds != 0) {
                return orZero(values.get(1).at(period));
            }
            return values.size() > 2 ? values.get(2).at(period) : Double.NaN;
        });
    }

    private interface ByPeriod {
        double at(int period);
    }

    private static Value series(Range range, ByPeriod points) {
        var all = new double[range.periods()];
        Arrays.setAll(all, points::at);
        return new Value.Series(all);
    }

    private static double orZero(double value) {
        return Double.isNaN(value) ? 0 : value;
    }

    private AssertionError wrong(String what) {
        return new AssertionError("the expression " + text + " " + what);
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof MetricMath math && math.text.equals(text);
    }

    @Override
    public int hashCode() {
        return text.hashCode();
    }

    @Override
    public String toString() {
        return text;
    }
}
