package dev.atlasrotator.cli;

import dev.atlasrotator.cli.ReportView.AccountView;
import dev.atlasrotator.cli.ReportView.SecretView;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * An account's secrets at Atlas over time, as a drawing and as a list that says the same. Its two slots are the two
 * lines; a line begins when the secret was created and ends when it expires.
 */
final class Timeline {
    private static final DateTimeFormatter MINUTE =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final int LANE_HEIGHT = 40;
    private static final int LANE_TOP = 18;
    private static final int BAR_HEIGHT = 14;

    private static final String DRAWING = """
        <svg class="timeline" role="img" aria-label="%s" width="100%%" height="%s">
        <defs><pattern id="both-%s" width="6" height="6" patternUnits="userSpaceOnUse" patternTransform="rotate(45)">\
        <line class="hatch" x1="0" y1="0" x2="0" y2="6"/></pattern></defs>
        %s<line class="now" x1="%s" x2="%s" y1="12" y2="%s"/>
        %s<text class="now" x="%s" y="9" text-anchor="%s">now</text>
        </svg>
        """;

    /** A secret with what the drawing needs of it. */
    private record Lane(
            String label,
            String id,
            String kind,
            Instant createdAt,
            Instant expiresAt,
            Optional<Instant> promotedAt,
            Optional<Instant> lastUsedAt) {}

    private final List<Lane> lanes;
    private final Instant now;
    private final Instant from;
    private final Duration length;

    private Timeline(List<Lane> lanes, Instant now) {
        this.lanes = lanes;
        this.now = now;
        this.from = times(lanes, now).min(Instant::compareTo).orElse(now);
        var to = times(lanes, now).max(Instant::compareTo).orElse(now);
        var whole = Duration.between(from, to);
        this.length = whole.isZero() ? Duration.ofSeconds(1) : whole;
    }

    private static Stream<Instant> times(List<Lane> lanes, Instant now) {
        return Stream.concat(
                Stream.of(now), lanes.stream().flatMap(lane -> Stream.of(lane.createdAt(), lane.expiresAt())));
    }

    /** The drawing and the list; a sentence where nothing is known of the account's secrets. */
    static Html of(AccountView account, Instant now) {
        var lanes = lanes(account);
        return lanes.isEmpty()
                ? Html.of("<p class=\"unknown\">Its secrets at Atlas were not read.</p>")
                : new Timeline(lanes, now).drawn();
    }

    /** A time as a person reads it. */
    static String minute(Instant at) {
        return MINUTE.format(at);
    }

    static Html time(Instant at) {
        return Html.of("<time datetime=\"%s\">%s</time>", at, minute(at));
    }

    private static List<Lane> lanes(AccountView account) {
        var lanes = new ArrayList<Lane>();
        if (account.createdAt().isPresent() && account.expiresAt().isPresent()) {
            lanes.add(new Lane(
                    "in use",
                    account.secretId().orElse(""),
                    "current",
                    account.createdAt().get(),
                    account.expiresAt().get(),
                    account.promotedAt(),
                    Optional.empty()));
        }
        account.others().forEach(other -> lane(other).ifPresent(lanes::add));
        return lanes;
    }

    private static Optional<Lane> lane(SecretView other) {
        return other.createdAt()
                .flatMap(created -> other.expiresAt()
                        .map(end -> new Lane(
                                other.kind(),
                                other.secretId(),
                                style(other.kind()),
                                created,
                                end,
                                Optional.empty(),
                                other.lastUsedAt())));
    }

    /** The class of a bar: what works and is ours, what is about to be, what is somebody else's, and what is over. */
    private static String style(String kind) {
        return switch (kind) {
            case "superseded" -> "superseded";
            case "pending", "inFlight" -> "pending";
            case "foreign", "shared" -> "foreign";
            default -> "over";
        };
    }

    private Html drawn() {
        int height = LANE_TOP + lanes.size() * LANE_HEIGHT;
        var pieces = new ArrayList<Html>();
        // Patterns are found by their id, which must be the account's own.
        var id = lanes.getFirst().id();
        overlap()
                .ifPresent(band -> pieces.add(Html.of(
                        "<rect class=\"both\" fill=\"url(#both-%s)\" x=\"%s\" width=\"%s\" y=\"%s\" height=\"%s\"/>\n",
                        id,
                        x(band.getFirst()),
                        percent(share(band.getFirst(), band.getLast())),
                        LANE_TOP,
                        height - LANE_TOP)));
        var labels = new ArrayList<Html>();
        for (int i = 0; i < lanes.size(); i++) {
            int top = LANE_TOP + i * LANE_HEIGHT;
            pieces.add(lane(lanes.get(i), top + 16));
            labels.add(label(lanes.get(i), top + 11));
        }
        var drawing = Html.of(
                DRAWING,
                words(),
                height + 2,
                id,
                Html.all(pieces),
                x(now),
                x(now),
                height,
                Html.all(labels),
                x(now),
                anchor(now));
        var axis =
                Html.of("<p class=\"axis\"><span>%s</span><span>%s</span></p>\n", time(from), time(from.plus(length)));
        return Html.of("%s%s<ul class=\"secrets\">%s</ul>", drawing, axis, Html.all(list()));
    }

    /** While both the secret in use and the superseded one work. */
    private Optional<List<Instant>> overlap() {
        return lanes.stream()
                .filter(lane -> lane.kind().equals("superseded"))
                .findFirst()
                .filter(old -> lanes.getFirst().kind().equals("current"))
                .map(old -> List.of(
                        lanes.getFirst().promotedAt().orElse(lanes.getFirst().createdAt()), old.expiresAt()))
                .filter(band -> band.getFirst().isBefore(band.getLast()));
    }

    private Html label(Lane lane, int y) {
        boolean toTheLeft = position(lane.createdAt()) > 0.5;
        return Html.of(
                "<text x=\"%s\" y=\"%s\" text-anchor=\"%s\">%s %s</text>\n",
                toTheLeft ? x(lane.expiresAt()) : x(lane.createdAt()),
                y,
                toTheLeft ? "end" : "start",
                lane.label(),
                shortened(lane.id()));
    }

    private Html lane(Lane lane, int bar) {
        int middle = bar + BAR_HEIGHT / 2;
        var pieces = new ArrayList<Html>();
        pieces.add(Html.of(
                "<rect class=\"bar %s\" x=\"%s\" width=\"%s\" y=\"%s\" height=\"%s\" rx=\"3\"/>\n",
                lane.kind(), x(lane.createdAt()), percent(share(lane.createdAt(), lane.expiresAt())), bar, BAR_HEIGHT));
        pieces.add(mark(lane.expiresAt(), middle, "M-4,-4L4,4M-4,4L4,-4", "expiry"));
        lane.promotedAt().ifPresent(at -> pieces.add(mark(at, middle, "M0,-6L6,0L0,6L-6,0Z", "promoted")));
        lane.lastUsedAt().ifPresent(at -> pieces.add(mark(at, middle, "M0,-5A5,5 0 1 1 0,5A5,5 0 1 1 0,-5Z", "used")));
        return Html.all(pieces);
    }

    private Html mark(Instant at, int y, String path, String kind) {
        return Html.of(
                "<svg x=\"%s\" y=\"%s\" overflow=\"visible\"><path class=\"%s\" d=\"%s\"/></svg>\n",
                x(at), y, kind, path);
    }

    private List<Html> list() {
        return lanes.stream()
                .map(lane -> {
                    var facts = new ArrayList<Html>();
                    facts.add(Html.of("<b>%s</b> <code>%s</code>", lane.label(), lane.id()));
                    facts.add(Html.of("created %s", time(lane.createdAt())));
                    lane.promotedAt().ifPresent(at -> facts.add(Html.of("◆ promoted %s", time(at))));
                    lane.lastUsedAt().ifPresent(at -> facts.add(Html.of("● last used %s", time(at))));
                    facts.add(Html.of(
                            now.isBefore(lane.expiresAt()) ? "✕ expires %s" : "✕ expired %s", time(lane.expiresAt())));
                    if (lane.kind().equals("superseded")) {
                        overlap().ifPresent(band -> facts.add(Html.of("▨ until then both may be used")));
                    }
                    return Html.of(
                            "<li>%s</li>\n",
                            new Html(String.join(
                                    ", ", facts.stream().map(Html::markup).toList())));
                })
                .toList();
    }

    /** The drawing for whoever does not see it. */
    private String words() {
        return String.join(
                "; ",
                lanes.stream()
                        .map(lane -> "%s: from %s to %s"
                                .formatted(lane.label(), minute(lane.createdAt()), minute(lane.expiresAt())))
                        .toList());
    }

    private static String shortened(String id) {
        return "…" + id.substring(Math.max(0, id.length() - 8));
    }

    private String anchor(Instant at) {
        double position = position(at);
        if (position < 0.06) {
            return "start";
        }
        return position > 0.94 ? "end" : "middle";
    }

    private double position(Instant at) {
        return share(from, at);
    }

    private double share(Instant begin, Instant end) {
        return (double) Duration.between(begin, end).toMillis() / length.toMillis();
    }

    private String x(Instant at) {
        return percent(position(at));
    }

    private static String percent(double share) {
        return String.format(Locale.ROOT, "%.2f%%", Math.clamp(share, 0, 1) * 100);
    }
}
