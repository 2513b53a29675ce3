package dev.atlasrotator.simulator.cloudwatch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.AbstractConstruct;
import org.yaml.snakeyaml.constructor.SafeConstructor;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/** YAML with CloudFormation's short forms, which become the long ones: {@code !Sub x} is {@code {"Fn::Sub": x}}. */
final class CloudFormationYaml extends SafeConstructor {
    private static final Set<String> WITHOUT_PREFIX = Set.of("Ref", "Condition");

    private CloudFormationYaml() {
        super(new LoaderOptions());
        yamlMultiConstructors.put("!", new ShortForm());
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> read(Path file) {
        try {
            return (Map<String, Object>) new Yaml(new CloudFormationYaml()).load(Files.readString(file));
        } catch (IOException unreadable) {
            throw new UncheckedIOException(unreadable);
        }
    }

    private final class ShortForm extends AbstractConstruct {
        @Override
        public Object construct(Node node) {
            var name = node.getTag().getValue().substring(1);
            var argument = switch (node) {
                case ScalarNode scalar -> scalar(name, scalar.getValue());
                case SequenceNode sequence -> constructSequence(sequence);
                case MappingNode mapping -> constructMapping(mapping);
                default -> throw new AssertionError(node.toString());
            };
            return Map.of(WITHOUT_PREFIX.contains(name) ? name : "Fn::" + name, argument);
        }

        private static Object scalar(String name, String text) {
            return name.equals("GetAtt") ? List.of(text.split("\\.", 2)) : text;
        }
    }
}
