package dev.atlasrotator.simulator.cloudwatch;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/**
 * One of the ways in which CloudWatch may do what its documents leave open. An alarm must be right under each.
 *
 * @param windows where periods begin. The user guide's example slides (page "Alarm evaluation"); aligned ones are an
 *     option of the alarm (page "Alarm evaluation window")
 * @param extraPeriods how many periods more than {@code EvaluationPeriods} are retrieved. The guide says only that it
 *     is "a higher number"; in its example it is two more
 * @param arrival how long a data point takes before an alarm sees it
 * @param unseen what FILL makes of a metric without a single data point in the range
 */
public record Timing(Windows windows, int extraPeriods, Arrival arrival, Unseen unseen) {
    /** Where periods begin. */
    public enum Windows {
        /** The last one ends at the minute of the evaluation. */
        SLIDING,
        /** At multiples of their length; one that is not over is not evaluated. */
        ALIGNED
    }

    /** How long data points take. */
    public enum Arrival {
        PROMPT(Duration.ZERO),
        /** And SQS takes its time for a queue that was idle ("CloudWatch metrics for Amazon SQS": up to 15 minutes). */
        LATE(Duration.ofMinutes(3));

        private final Duration after;

        Arrival(Duration after) {
            this.after = after;
        }

        /** How long after it was sent a data point is seen. */
        public Duration after() {
            return after;
        }
    }

    /** What FILL makes of a metric without data points; not documented. */
    public enum Unseen {
        STAYS_EMPTY,
        IS_FILLED
    }

    /** The extremes of each, in every combination. */
    public static List<Timing> corners() {
        var corners = new ArrayList<Timing>();
        for (var windows : Windows.values()) {
            for (int extra : List.of(0, 2)) {
                for (var arrival : Arrival.values()) {
                    for (var unseen : Unseen.values()) {
                        corners.add(new Timing(windows, extra, arrival, unseen));
                    }
                }
            }
        }
        return corners;
    }
}
