package dev.atlasrotator.simulator.atlas;

import com.atlassian.oai.validator.OpenApiInteractionValidator;
import com.atlassian.oai.validator.model.Request;
import com.atlassian.oai.validator.model.SimpleRequest;
import com.atlassian.oai.validator.model.SimpleResponse;
import com.atlassian.oai.validator.report.ValidationReport;
import dev.atlasrotator.simulator.Fault;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;

/**
 * Stands in front of Atlas and holds every request and every answer to MongoDB's published
 * description of the API, both ways. Goes in wherever an {@link AtlasService} does: {@code new
 * InProcessAtlas(check, clock)}. Answers written by a {@link Fault} are not looked at; requests
 * that lead to them are.
 *
 * <p>The token endpoint is not in that description and passes unseen. Known differences between it
 * and the real service are allowed by name in {@link #isKnownDifference}.
 */
public final class OpenApiCheck implements AtlasService {
    /**
     * Where the description lies, seen from the project; it is MongoDB's and not part of the
     * project.
     */
    public static final Path DESCRIPTION = Path.of("../shared/data/atlas-service-accounts.openapi.json");

    /** Statuses that Atlas gives though the description of an operation does not have them. */
    private static final Set<Integer> UNDOCUMENTED = Set.of(400, 402, 405, 406, 409, 415, 503);

    private static final Set<String> OWN_HEADERS = Set.of("host", "content-length", "connection", "authorization");

    private final OpenApiInteractionValidator validator;
    private final AtlasService atlas;
    private final Queue<String> violations = new ConcurrentLinkedQueue<>();

    private OpenApiCheck(OpenApiInteractionValidator validator, AtlasService atlas) {
        this.validator = validator;
        this.atlas = atlas;
    }

    /**
     * In front of this Atlas; or nothing where the description isn't there, and then the test skips
     * itself.
     */
    public static Optional<OpenApiCheck> inFrontOf(AtlasService atlas) {
        return Files.isReadable(DESCRIPTION)
                ? Optional.of(new OpenApiCheck(Description.VALIDATOR, atlas))
                : Optional.empty();
    }

    /** Read once: it takes seconds. */
    private static final class Description {
        private static final OpenApiInteractionValidator VALIDATOR = OpenApiInteractionValidator.createFor(
                        DESCRIPTION.toUri().toString())
                .build();
    }

    @Override
    public AtlasOutcome exchange(AtlasRequest request) {
        AtlasOutcome outcome = atlas.exchange(request);
        if (!request.pathAndQuery().startsWith("/api/atlas/")) {
            return outcome;
        }
        note(request, "request", validator.validateRequest(wire(request)));
        if (outcome instanceof AtlasOutcome.Answered(AtlasAnswer answer, var after, AtlasOutcome.Author author)
                && author == AtlasOutcome.Author.ATLAS) {
            check(request, answer);
        }
        return outcome;
    }

    private void check(AtlasRequest request, AtlasAnswer answer) {
        int query = request.pathAndQuery().indexOf('?');
        String path =
                query < 0 ? request.pathAndQuery() : request.pathAndQuery().substring(0, query);
        Request.Method method = Request.Method.valueOf(request.method());
        ValidationReport report = validator.validateResponse(path, method, wire(answer, answer.status()));
        boolean undocumented = report.getMessages().stream()
                .anyMatch(message -> message.getKey().equals("validation.response.status.unknown"));
        if (undocumented && UNDOCUMENTED.contains(answer.status())) {
            // An error all the same: every operation has a 500, and its body is what any error's
            // body is.
            report = validator.validateResponse(path, method, wire(answer, 500));
        }
        note(request, "answer " + answer.status(), report);
    }

    private static SimpleResponse wire(AtlasAnswer answer, int status) {
        SimpleResponse.Builder response = SimpleResponse.Builder.status(status);
        answer.headers().forEach((name, value) -> response.withHeader(name, value));
        if (answer.body().length > 0) {
            response.withBody(answer.body());
        }
        return response.build();
    }

    private static Request wire(AtlasRequest request) {
        int mark = request.pathAndQuery().indexOf('?');
        String path = mark < 0 ? request.pathAndQuery() : request.pathAndQuery().substring(0, mark);
        SimpleRequest.Builder wire = new SimpleRequest.Builder(request.method(), path);
        request.headers().forEach((name, value) -> {
            if (!OWN_HEADERS.contains(name)) {
                wire.withHeader(name, value);
            }
        });
        if (request.headers().containsKey("authorization")) {
            wire.withAuthorization("present"); // messages may quote headers, so the credential stays outside
        }
        if (mark >= 0) {
            AtlasRoute.form(request.pathAndQuery().substring(mark + 1)).forEach((n, v) -> wire.withQueryParam(n, v));
        }
        if (request.body().length > 0) {
            wire.withBody(new String(request.body(), StandardCharsets.UTF_8));
        }
        return wire.build();
    }

    private void note(AtlasRequest request, String side, ValidationReport report) {
        for (ValidationReport.Message message : report.getMessages()) {
            boolean matters = message.getLevel() == ValidationReport.Level.ERROR
                    || message.getLevel() == ValidationReport.Level.WARN;
            if (matters && !isKnownDifference(side, message)) {
                violations.add(request + ", " + side + ": " + message.getKey() + ": " + message.getMessage());
            }
        }
    }

    /**
     * What the real service does and the description does not allow: {@code parameters} of an error
     * is null, or holds texts and ints rather than objects; and a 204 has a media type there,
     * though no 204 has a body (RFC 9110, section 15.3.5). Undocumented statuses are dealt with
     * where answers are checked.
     */
    private static boolean isKnownDifference(String side, ValidationReport.Message message) {
        String place = message.getContext()
                .flatMap(ValidationReport.MessageContext::getPointers)
                .map(ValidationReport.MessageContext.Pointers::getInstance)
                .orElse("");
        return place.startsWith("/parameters")
                || (side.equals("answer 204") && message.getKey().equals("validation.response.body.missing"));
    }

    /** What was wrong so far: operation, side, the library's message. Empty is good. */
    public List<String> violations() {
        return List.copyOf(violations);
    }
}
