package dev.atlasrotator.startup;

import static org.assertj.core.api.Assertions.assertThat;

import dev.atlasrotator.Wiring;
import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.json.Json;
import dev.atlasrotator.retry.Deadline;
import dev.atlasrotator.simulator.atlas.AtlasModel;
import dev.atlasrotator.simulator.atlas.AtlasScope;
import dev.atlasrotator.simulator.atlas.FakeAtlas;
import dev.atlasrotator.simulator.secretsmanager.FakeSecretsManager;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerModel;
import dev.atlasrotator.simulator.secretsmanager.SecretsManagerSettings;
import java.lang.reflect.Field;
import java.lang.reflect.Modifier;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a snapshot of the memory (SnapStart) would hold, over real connections. */
class SnapStartTest {
    private static final InstantSource CLOCK = InstantSource.system();

    private static final List<String> CREDENTIALS = List.of("aws.accessKeyId", "aws.secretAccessKey");

    private final AtlasModel atlas = new AtlasModel(CLOCK);
    private final SecretsManagerModel secretsManager = new SecretsManagerModel(SecretsManagerSettings.at(CLOCK));
    private final List<String> lines = Collections.synchronizedList(new ArrayList<>());

    @Test
    void init_calls_nobody_and_after_forgetting_nothing_sensitive_can_be_reached() throws Exception {
        try (var overThere = FakeAtlas.start(atlas);
                var vault = FakeSecretsManager.start(secretsManager)) {
            stored();
            var wiring = Wiring.production(
                    Map.of(
                            "ATLAS_BASE_URL",
                            overThere.baseUrl().toString(),
                            "ADMIN_SECRET_ID",
                            "admin",
                            "AWS_REGION",
                            "eu-central-1",
                            "AWS_ENDPOINT_URL",
                            vault.uri().toString()),
                    lines::add);
            assertThat(atlas.callCount()).isZero();
            assertThat(secretsManager.calls()).isZero();
            assertThat(sensitiveIn(wiring)).as("after init").isEmpty();

            try {
                wiring.rotator()
                        .handle(
                                "{\"action\":\"status\"}",
                                Optional.empty(),
                                Deadline.in(Duration.ofSeconds(60), wiring.clock()));
            } finally {
                assertThat(String.join("\n", lines)).doesNotContain("mdb_sa_sk_");
            }
            assertThat(atlas.callCount()).as(() -> String.join("\n", lines)).isPositive();
            assertThat(sensitiveIn(wiring)).as("while it works").isNotEmpty();

            wiring.clearCredentials().run();
            assertThat(sensitiveIn(wiring)).as("after forgetting").isEmpty();
        }
    }

    /** The SDK's default chain looks here first. */
    @BeforeEach
    void signIn() {
        CREDENTIALS.forEach(name -> System.setProperty(name, "test"));
    }

    @AfterEach
    void signOut() {
        CREDENTIALS.forEach(System::clearProperty);
    }

    private void stored() {
        var organization = atlas.addOrganization();
        var project = new AtlasScope.Project(atlas.addProject(organization));
        var account = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        var admin = atlas.addServiceAccount(project, AtlasModel.PROJECT_OWNER);
        secretsManager.seed(
                "prod/atlas",
                Json.text(Map.of(
                        "clientId", account,
                        "clientSecret", atlas.createSecret(account, 2160).value(),
                        "groupId", project.id())),
                Map.of("atlas-secret-rotator", account));
        secretsManager.seed(
                "admin",
                Json.text(Map.of(
                        "clientId",
                        admin,
                        "clientSecret",
                        atlas.createSecret(admin, 2160).value())),
                Map.of());
    }

    /** The paths of fields by which something sensitive can be reached through our own classes. */
    private static List<String> sensitiveIn(Object root) throws IllegalAccessException {
        record Place(String path, Object object) {}
        var found = new ArrayList<String>();
        Set<Object> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        var next = new ArrayDeque<Place>();
        next.add(new Place("wiring", root));
        while (!next.isEmpty()) {
            var place = next.remove();
            var object = place.object();
            if (!seen.add(object)) {
                continue;
            }
            if (object instanceof Sensitive) {
                found.add(place.path());
            } else if (object instanceof Optional<?> some) {
                some.ifPresent(value -> next.add(new Place(place.path(), value)));
            } else if (object instanceof Map<?, ?> map) {
                map.forEach((key, value) -> {
                    next.add(new Place(place.path() + "[key]", key));
                    next.add(new Place(place.path() + "[]", value));
                });
            } else if (object instanceof Collection<?> all) {
                all.forEach(value -> next.add(new Place(place.path() + "[]", value)));
            } else if (object instanceof Object[] array) {
                for (int i = 0; i < array.length; i++) {
                    if (array[i] != null) {
                        next.add(new Place(place.path() + "[]", array[i]));
                    }
                }
            } else if (isOurs(object.getClass())) {
                for (var type = object.getClass(); type != null && isOurs(type); type = type.getSuperclass()) {
                    for (Field field : type.getDeclaredFields()) {
                        boolean writtenInCode =
                                Modifier.isStatic(field.getModifiers()) && field.getType() == Sensitive.class;
                        if (field.getType().isPrimitive() || writtenInCode) {
                            continue;
                        }
                        field.setAccessible(true);
                        var value = field.get(object);
                        if (value != null) {
                            next.add(new Place(place.path() + "." + field.getName(), value));
                        }
                    }
                }
            }
        }
        return found;
    }

    private static boolean isOurs(Class<?> type) {
        return type.getName().startsWith("dev.atlasrotator.");
    }
}
