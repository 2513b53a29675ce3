package dev.atlasrotator.secretsmanager;

import static java.nio.charset.StandardCharsets.UTF_8;

import dev.atlasrotator.json.Json;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.core.interceptor.Context;
import software.amazon.awssdk.core.interceptor.ExecutionAttributes;
import software.amazon.awssdk.core.interceptor.ExecutionInterceptor;
import software.amazon.awssdk.services.secretsmanager.model.ListSecretsRequest;

/**
 * Turns the versions in a list of stored secrets around, before the SDK reads it: {@code
 * {"id":["AWSCURRENT"]}} becomes {@code {"AWSCURRENT":["id"]}}, which {@link Answers} expects.
 *
 * <p>The SDK's JSON parser remembers up to 6,000 names of fields for as long as the process lives,
 * and its memory cannot be turned off. Every id of a version would be such a name, a megabyte for a
 * large fleet and none for a small one. There are few labels.
 */
final class LabelsFirst implements ExecutionInterceptor {
    private static final String VERSIONS = "SecretVersionsToStages";

    @Override
    public Optional<InputStream> modifyHttpResponseContent(
            Context.ModifyHttpResponse context, ExecutionAttributes attributes) {
        return context.request() instanceof ListSecretsRequest
                ? context.responseBody().map(LabelsFirst::turned)
                : context.responseBody();
    }

    private static InputStream turned(InputStream body) {
        try (body) {
            var bytes = body.readAllBytes();
            // What is no list is an error, or for the SDK to find fault with.
            return new ByteArrayInputStream(Json.object(new String(bytes, UTF_8))
                    .flatMap(LabelsFirst::turned)
                    .map(text -> text.getBytes(UTF_8))
                    .orElse(bytes));
        } catch (IOException cut) {
            throw SdkClientException.create("the answer broke off", cut);
        }
    }

    private static Optional<String> turned(Map<String, Object> answer) {
        if (!(answer.get("SecretList") instanceof List<?> secrets)) {
            return Optional.empty();
        }
        var list = new ArrayList<>();
        for (Object entry : secrets) {
            list.add(entry instanceof Map<?, ?> secret ? turnedEntry(secret) : entry);
        }
        var turned = new LinkedHashMap<>(answer);
        turned.put("SecretList", list);
        return Optional.of(Json.text(turned));
    }

    private static Map<String, Object> turnedEntry(Map<?, ?> secret) {
        var turned = new LinkedHashMap<String, Object>();
        secret.forEach((key, value) -> turned.put(
                String.valueOf(key),
                VERSIONS.equals(key) && value instanceof Map<?, ?> versions ? byLabel(versions) : value));
        return turned;
    }

    private static Map<String, List<String>> byLabel(Map<?, ?> versions) {
        var byLabel = new LinkedHashMap<String, List<String>>();
        versions.forEach((id, labels) -> {
            if (labels instanceof List<?> some) {
                for (Object label : some) {
                    byLabel.computeIfAbsent(String.valueOf(label), first -> new ArrayList<>())
                            .add(String.valueOf(id));
                }
            }
        });
        return byLabel;
    }
}
