package dev.atlasrotator.explore;

import dev.atlasrotator.atlas.ServiceAccounts;
import dev.atlasrotator.atlas.ServiceAccounts.CreateAnswer.Denial;
import dev.atlasrotator.credential.Account;
import dev.atlasrotator.credential.AtlasCredential;
import dev.atlasrotator.credential.AtlasSecret;
import dev.atlasrotator.credential.ClientId;
import dev.atlasrotator.credential.Scope;
import dev.atlasrotator.credential.SecretId;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.failure.Code;
import dev.atlasrotator.failure.RotatorException;
import dev.atlasrotator.retry.Deadline;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.function.Supplier;

/** Atlas's port over the model, without HTTP in between; see {@link DirectVault}. */
final class DirectAccounts implements ServiceAccounts {
    private final Environment environment;

    /** Whom this environment has a token of: it signs in once an account and secret. */
    private final Set<String> tokens = new HashSet<>();

    DirectAccounts(Environment environment) {
        this.environment = environment;
    }

    @Override
    public AuthResult verify(AtlasCredential.ServiceAccountKey key, Deadline deadline) {
        Supplier<AuthResult> effect = () -> {
            var token = environment.simulation.atlas.signIn(
                    key.clientId().value(), key.secret().reveal());
            token.ifPresent(environment.simulation.atlas::signOut);
            return token.isPresent() ? AuthResult.ACCEPTED : AuthResult.REJECTED;
        };
        return act(Remote.VERIFY, "prove " + nameOf(key), effect, () -> effect.get());
    }

    private String nameOf(AtlasCredential.ServiceAccountKey key) {
        return environment
                .simulation
                .atlas
                .secretOf(key.clientId().value(), key.secret().reveal())
                .orElse("a value that does not sign in");
    }

    @Override
    public Answer<Profile> profile(Account account, AtlasCredential as, Deadline deadline) {
        return readAs(
                as,
                "readAccount",
                () -> may(as, account.clientId())
                        ? given(profile(account.clientId()))
                        : new Answer.Denied<>(403, "USER_UNAUTHORIZED", ""));
    }

    @Override
    public Answer<List<Profile>> profiles(Scope scope, AtlasCredential as, Deadline deadline) {
        return readAs(
                as,
                "listAccounts",
                () -> given(environment.simulation.accounts.stream()
                        .map(account -> new ClientId(account.clientId))
                        .filter(clientId -> may(as, clientId))
                        .map(this::profile)
                        .toList()));
    }

    private <T> Answer<T> readAs(AtlasCredential as, String what, Supplier<Answer<T>> answer) {
        return act(
                Remote.READ_ATLAS,
                what,
                () -> auth(as) ? answer.get() : new Answer.NotAuthenticated<>("invalid_client"),
                () -> new Answer.Denied<>(403, "USER_UNAUTHORIZED", ""));
    }

    private Profile profile(ClientId clientId) {
        return new Profile(clientId, Optional.empty(), Set.of(), secrets(clientId));
    }

    @Override
    public Answer<Scope.Organization> organizationOf(Scope.Project project, AtlasCredential as, Deadline deadline) {
        return new Answer.Denied<>(403, "USER_UNAUTHORIZED", "");
    }

    @Override
    public Answer<OptionalInt> lifetimeHoursMax(
            Scope.Organization organization, AtlasCredential as, Deadline deadline) {
        return given(OptionalInt.empty());
    }

    @Override
    public CreateAnswer create(Account account, AtlasCredential as, int lifetimeHours, Deadline deadline) {
        Supplier<CreateAnswer> effect = () -> {
            if (!auth(as)) {
                return new CreateAnswer.Denied(401, "", Denial.CREATE, "invalid_client");
            }
            if (!may(as, account.clientId())) {
                return new CreateAnswer.Denied(403, "USER_UNAUTHORIZED", Denial.CREATE, "");
            }
            var atlas = environment.simulation.atlas;
            var clientId = account.clientId().value();
            if (atlas.secrets(clientId).size() >= 2) {
                return new CreateAnswer.Denied(400, "LIMIT", Denial.CREATE, "");
            }
            var issued = atlas.createSecret(clientId, lifetimeHours);
            var made = secrets(account.clientId()).stream()
                    .filter(one -> one.id().value().equals(issued.id()))
                    .findFirst()
                    .orElseThrow();
            return new CreateAnswer.Made(new Created(made, new Sensitive(issued.value())));
        };
        return switch (environment.run().before(Remote.CREATE, "createSecret")) {
            case PASSES, IS_SLOW, IS_STALE -> {
                environment.simulation.checkTimeForCreate(environment.run(), Simulation.CREATE_NEEDS);
                yield learn(effect.get());
            }
            case FAILS -> learn(new CreateAnswer.Unknown("no answer"));
            case IS_LOST -> {
                var _ = effect.get();
                yield learn(new CreateAnswer.Unknown("no answer"));
            }
            case IS_REFUSED -> learn(new CreateAnswer.Denied(403, "ORG_POLICY", Denial.CREATE, ""));
            case KILLS, KILLS_AFTERWARDS -> throw afterwards(effect);
        };
    }

    @Override
    public Answer<Boolean> delete(Account account, SecretId secret, AtlasCredential as, Deadline deadline) {
        return act(
                Remote.DELETE,
                "deleteSecret " + secret,
                () -> {
                    if (!auth(as)) {
                        return new Answer.NotAuthenticated<>("invalid_client");
                    }
                    if (!may(as, account.clientId())) {
                        return new Answer.Denied<>(403, "USER_UNAUTHORIZED", "");
                    }
                    return given(environment.simulation.atlas.deleteSecret(
                            account.clientId().value(), secret.value()));
                },
                () -> new Answer.Denied<>(403, "USER_UNAUTHORIZED", ""));
    }

    private <T> T act(Remote kind, String what, Supplier<T> effect, Supplier<T> refused) {
        return switch (environment.run().before(kind, what)) {
            case PASSES, IS_SLOW, IS_STALE -> learn(effect.get());
            case FAILS -> throw unavailable(what);
            case IS_LOST -> {
                var _ = effect.get();
                throw unavailable(what);
            }
            case IS_REFUSED -> learn(refused.get());
            case KILLS, KILLS_AFTERWARDS -> throw afterwards(effect);
        };
    }

    private <T> T learn(T answer) {
        environment.run().learn(environment.simulation.inWords(answer));
        return answer;
    }

    private RotatorException unavailable(String what) {
        environment.run().learn("unavailable");
        return new RotatorException.Unavailable(Code.ATLAS_UNAVAILABLE, "Atlas does not answer " + what);
    }

    private Error afterwards(Supplier<?> effect) {
        var _ = effect.get();
        environment.run().die();
        return new AssertionError("it is dead");
    }

    /** Signs in anew only where no token is at hand, as the adapter does. */
    private boolean auth(AtlasCredential as) {
        return switch (as) {
            case AtlasCredential.ServiceAccountKey key -> {
                var clientId = key.clientId().value();
                var value = key.secret().reveal();
                var secret = environment.simulation.atlas.secretOf(clientId, value);
                if (secret.isPresent() && tokens.add(secret.get())) {
                    environment
                            .simulation
                            .atlas
                            .signIn(clientId, value)
                            .ifPresent(environment.simulation.atlas::signOut);
                }
                yield secret.isPresent();
            }
            case AtlasCredential.ApiKey key -> environment.simulation.isAdmin(key);
        };
    }

    private boolean may(AtlasCredential as, ClientId clientId) {
        return switch (as) {
            case AtlasCredential.ServiceAccountKey key -> key.clientId().equals(clientId);
            case AtlasCredential.ApiKey key -> true;
        };
    }

    private <T> Answer<T> given(T value) {
        Instant now = environment.simulation.atlas.instant().truncatedTo(ChronoUnit.SECONDS);
        return new Answer.Given<>(value, now);
    }

    private List<AtlasSecret> secrets(ClientId clientId) {
        return environment.simulation.atlas.shown(clientId.value()).stream()
                .map(one -> new AtlasSecret(
                        new SecretId(one.id()), one.createdAt(), one.expiresAt(), one.lastUsedAt(), Optional.empty()))
                .toList();
    }
}
