package dev.atlasrotator.rotation;

import dev.atlasrotator.credential.Sensitive;
import dev.atlasrotator.secretsmanager.VersionId;
import java.util.Optional;

/**
 * One call of Secrets Manager's rotation.
 *
 * @param secretId ARN of the stored secret
 * @param token id of the new version (ClientRequestToken)
 * @param rotationToken the RotationToken, where Secrets Manager gave one; it goes back with PutSecretValue
 */
public record Step(Name name, String secretId, VersionId token, Optional<Sensitive> rotationToken) {
    /** The four steps, as Secrets Manager names them. */
    public enum Name {
        CREATE("createSecret"),
        SET("setSecret"),
        TEST("testSecret"),
        FINISH("finishSecret");

        private final String text;

        Name(String text) {
            this.text = text;
        }

        /** As the event names it. */
        public String text() {
            return text;
        }
    }
}
