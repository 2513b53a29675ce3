package dev.atlasrotator.finding;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.Severity;
import dev.atlasrotator.finding.AccessFinding.AccountUnreadable;
import dev.atlasrotator.finding.AccessFinding.AdminCredentialUnavailable;
import dev.atlasrotator.finding.AccessFinding.Attempt;
import dev.atlasrotator.finding.AccessFinding.LifetimeRefused;
import dev.atlasrotator.finding.AccessFinding.NotChecked;
import dev.atlasrotator.finding.AccessFinding.NotTagged;
import dev.atlasrotator.finding.AccessFinding.RoleMissing;
import dev.atlasrotator.finding.AccessFinding.RotatesBySecretsManager;
import dev.atlasrotator.finding.RotationFinding.CreateInFlight;
import dev.atlasrotator.finding.RotationFinding.CreatedNotPromoted;
import dev.atlasrotator.finding.RotationFinding.NextRotationWaits;
import dev.atlasrotator.finding.RotationFinding.NoFreeSlot;
import dev.atlasrotator.finding.RotationFinding.NoSecretToRetire;
import dev.atlasrotator.finding.RotationFinding.OwnedElsewhere;
import dev.atlasrotator.finding.RotationFinding.PromotionInFlight;
import dev.atlasrotator.finding.RotationFinding.RotationAbandoned;
import dev.atlasrotator.finding.RotationFinding.RotationCannotWork;
import dev.atlasrotator.finding.RotationFinding.RotationInProgress;
import dev.atlasrotator.finding.RotationFinding.RotationNotRead;
import dev.atlasrotator.finding.RotationFinding.RotationStalled;
import dev.atlasrotator.finding.RotationFinding.SecretWithinOverlap;
import dev.atlasrotator.finding.SecretFinding.CurrentNotRevoked;
import dev.atlasrotator.finding.SecretFinding.CurrentSecretGone;
import dev.atlasrotator.finding.SecretFinding.Expiring;
import dev.atlasrotator.finding.SecretFinding.ForeignSecret;
import dev.atlasrotator.finding.SecretFinding.HeldByAnEarlierVersion;
import dev.atlasrotator.finding.SecretFinding.LastThatMayWork;
import dev.atlasrotator.finding.SecretFinding.LeakedIsForeign;
import dev.atlasrotator.finding.SecretFinding.LeakedIsGone;
import dev.atlasrotator.finding.SecretFinding.LeakedIsPending;
import dev.atlasrotator.finding.SecretFinding.LeakedIsShared;
import dev.atlasrotator.finding.SecretFinding.OldSecretInUse;
import dev.atlasrotator.finding.SecretFinding.SecretOfAnotherStoredSecret;
import dev.atlasrotator.finding.SecretFinding.SharedAccount;
import dev.atlasrotator.finding.ValueFinding.CandidateExpiring;
import dev.atlasrotator.finding.ValueFinding.CurrentSecretUnconfirmed;
import dev.atlasrotator.finding.ValueFinding.SecretUnderAnotherKey;
import dev.atlasrotator.finding.ValueFinding.SettingClamped;
import dev.atlasrotator.finding.ValueFinding.SpellingsDisagree;
import dev.atlasrotator.finding.ValueFinding.ValueTooLong;
import dev.atlasrotator.finding.ValueFinding.WhitespaceInSecret;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Every finding is a text that somebody understands at night, and its code is documented. */
class CatalogueTest {
    private static final Instant NOW = Instant.parse("2026-06-01T08:00:00Z");
    private static final SecretId SECRET = new SecretId("665f3a1e0123456789abcdef");
    private static final Account ACCOUNT = new Account(
            new Scope.Project("fedcba987654321001234567"), new ClientId("mdb_sa_id_0123456789abcdef01234567"));
    private static final Finding FOREIGN = new ForeignSecret(SECRET, NOW, Optional.empty(), Margin.AMPLE);

    static List<Finding> catalogue() {
        return List.of(
                new AccountUnreadable(
                        ACCOUNT, List.of(new Attempt("the role is missing", Code.ACCESS_DENIED)), Margin.AMPLE),
                new AdminCredentialUnavailable("there is no such stored secret.", Margin.AMPLE),
                new ValueTooLong("prod/atlas", 65_536),
                new SettingClamped(Map.of("overlapHours", 168L)),
                new RoleMissing(ACCOUNT, "GROUP_OWNER", Margin.AMPLE),
                new LifetimeRefused(ACCOUNT, 2160, 720),
                new NotTagged("prod/atlas", "atlas-secret-rotator"),
                new NotChecked("the organization's longest lifetime of a secret"),
                new RotatesBySecretsManager("prod/atlas"),
                new SpellingsDisagree(List.of("clientSecret", "client_secret")),
                new CurrentSecretUnconfirmed(ACCOUNT, "prod/atlas", List.of(SECRET)),
                new WhitespaceInSecret("ends with white space (U+000A)"),
                new NoFreeSlot(ACCOUNT, FOREIGN),
                new NoSecretToRetire(ACCOUNT, List.of(SECRET)),
                new SecretWithinOverlap(ACCOUNT, "prod/atlas", SECRET, NOW, NOW),
                new CreateInFlight(ACCOUNT, SECRET, NOW, NOW),
                new PromotionInFlight(ACCOUNT, SECRET, NOW),
                new RotationInProgress(
                        "prod/atlas", Optional.empty(), List.of(new RotationInProgress.Made(SECRET, NOW))),
                new RotationCannotWork("Atlas no longer has its secret"),
                new RotationAbandoned("Atlas no longer has its secret"),
                new NextRotationWaits(NOW),
                new OwnedElsewhere("prod/atlas", "another function rotates it"),
                new CreatedNotPromoted(NOW),
                FOREIGN,
                new HeldByAnEarlierVersion(SECRET, "prod/atlas", NOW),
                new OldSecretInUse(SECRET, NOW, Optional.empty(), NOW),
                new SecretOfAnotherStoredSecret(SECRET),
                new SharedAccount(
                        "prod/atlas",
                        List.of("prod/copy"),
                        List.of(new SharedAccount.InUse(SECRET, List.of("prod/copy"), NOW)),
                        Optional.of(NOW),
                        Margin.AMPLE),
                new Expiring(SECRET, NOW, Margin.SHORT),
                new CandidateExpiring(SECRET, NOW, Margin.SHORT),
                new SecretUnderAnotherKey(SECRET),
                new CurrentSecretGone(),
                new Failed(Code.UNFINISHED, Severity.WARNING, "This run did not reach 3 accounts."),
                new RotationStalled(NOW, NOW, true),
                new RotationNotRead("00000000-0000-4000-8000-000000000001"),
                new CurrentNotRevoked(SECRET, NOW),
                new LeakedIsGone(SECRET, ACCOUNT),
                new LeakedIsPending(SECRET, Optional.empty()),
                new LeakedIsShared(SECRET),
                new LeakedIsForeign(SECRET),
                new LastThatMayWork("prod/atlas", "the pending secret"));
    }

    private static Stream<Class<?>> records(Class<?> family) {
        return family.isSealed()
                ? Stream.of(family.getPermittedSubclasses()).flatMap(CatalogueTest::records)
                : Stream.of(family);
    }

    @Test
    void the_list_above_holds_one_of_each() {
        assertThat(catalogue())
                .extracting(Object::getClass)
                .containsExactlyInAnyOrderElementsOf(
                        records(Finding.class).<Class<?>>map(one -> one).toList());
    }

    @ParameterizedTest
    @MethodSource("catalogue")
    void a_finding_is_made_of_whole_sentences(Finding finding) {
        assertThat(finding.message()).matches("(?s)[A-Z].*[.]");
        assertThat(finding.text())
                .doesNotContain("null", "Optional", "  ", "..", "%")
                .endsWith(".");
        assertThat(finding.error("why")).hasMessage(finding.code() + ": why");
    }

    @ParameterizedTest
    @EnumSource(Code.class)
    void every_code_is_in_the_specification(Code code) throws IOException {
        assertThat(Files.readString(Path.of("docs/specification.md"))).contains("`" + code + "`");
    }

    @ParameterizedTest
    @EnumSource(Code.class)
    void every_code_is_used(Code code) throws IOException {
        try (var sources = Files.walk(Path.of("src/main/java"))) {
            assertThat(sources.filter(file -> file.toString().endsWith(".java"))
                            .filter(file -> !file.endsWith("Code.java")))
                    .anySatisfy(file -> assertThat(Files.readString(file)).contains("Code." + code));
        }
    }

    // ---- severities

    private static Finding unreadable(Code reason, Margin margin) {
        return new AccountUnreadable(ACCOUNT, List.of(new Attempt("why", reason)), margin);
    }

    @ParameterizedTest
    @CsvSource({
        "ACCESS_DENIED, AMPLE, ACCESS_DENIED, WARNING",
        "ACCESS_DENIED, SHORT, ACCESS_DENIED, CRITICAL",
        "IP_ACCESS_LIST, AMPLE, IP_ACCESS_LIST, WARNING",
        "IP_ACCESS_LIST, LOW, IP_ACCESS_LIST, CRITICAL",
        "CREDENTIAL_REJECTED, AMPLE, CREDENTIAL_REJECTED, CRITICAL"
    })
    void who_cannot_get_in_is_critical_once_a_rotation_is_due_or_a_consumer_is_locked_out(
            Code reason, Margin margin, Code code, Severity severity) {
        assertThat(unreadable(reason, margin).code()).isEqualTo(code);
        assertThat(unreadable(reason, margin).severity()).isEqualTo(severity);
    }

    @ParameterizedTest
    @CsvSource({"AMPLE, WARNING", "SHORT, WARNING", "LOW, CRITICAL"})
    void what_blocks_a_rotation_is_critical_below_two_fifths_of_the_margin(Margin margin, Severity severity) {
        assertThat(new Expiring(SECRET, NOW, margin).severity()).isEqualTo(severity);
        assertThat(new NoFreeSlot(ACCOUNT, new ForeignSecret(SECRET, NOW, Optional.empty(), margin)).severity())
                .isEqualTo(severity);
    }

    @ParameterizedTest
    @CsvSource({
        "P90D, P8D, AMPLE",
        "P90D, P7D, AMPLE",
        "P90D, P6DT23H59M59S, DUE",
        "P90D, P6DT7H12M, DUE",
        "P90D, P6DT7H11M59S, SHORT",
        "P90D, P6D, SHORT",
        "P90D, P3D, SHORT",
        "P90D, P2DT20H, SHORT",
        "P90D, P2DT19H12M, SHORT",
        "P90D, P2DT19H11M59S, LOW",
        "PT8H, PT2H, AMPLE",
        "PT8H, PT1H59M, DUE",
        "PT8H, PT47M, LOW",
        "PT8H, -PT1S, LOW"
    })
    void the_margin_is_each_secrets_own(Duration lifetime, Duration left, Margin margin) {
        var expires = NOW.plus(left);

        assertThat(Margin.left(expires.minus(lifetime), expires, NOW)).isEqualTo(margin);
    }
}
