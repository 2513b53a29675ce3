package dev.atlasrotator.simulator.cloudwatch;

import dev.atlasrotator.json.Json;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A CloudFormation template as a stack: for given parameters, with the intrinsic functions resolved that the project's
 * templates use. Resources whose condition is false do not exist. A name or ARN that AWS would generate is made from
 * the stack's name and the resource's, and so is the same whenever it is asked for.
 */
public final class Template {
    public static final String ACCOUNT = "111111111111";
    public static final String REGION = "eu-central-1";

    /** What {@code AWS::NoValue} resolves to: whatever has it is left out. */
    private static final Object NO_VALUE = new Object();

    private static final Pattern IN_SUB = Pattern.compile("\\$\\{(!?)([^}]+)}");

    /** A resource that exists in this stack, its properties resolved. */
    public record Resource(String logicalId, String type, Map<String, Object> properties) {}

    private final String stack;
    private final Map<String, Object> root;
    private final Map<String, Object> parameters = new LinkedHashMap<>();
    private final Map<String, Resource> resources = new LinkedHashMap<>();

    private Template(String stack, Map<String, Object> root, Map<String, String> given) {
        this.stack = stack;
        this.root = root;
        section("Parameters").forEach((name, one) -> {
            var parameter = map(one);
            var value = given.getOrDefault(name, String.valueOf(parameter.getOrDefault("Default", "")));
            parameters.put(
                    name, "CommaDelimitedList".equals(parameter.get("Type")) ? List.of(value.split(",", -1)) : value);
        });
        given.keySet().stream().filter(name -> !parameters.containsKey(name)).forEach(unknown -> {
            throw new AssertionError("the template has no parameter " + unknown);
        });
        section("Resources").forEach((id, one) -> {
            if (!(map(one).get("Condition") instanceof String condition) || condition(condition)) {
                resources.put(id, resource(id, map(one)));
            }
        });
    }

    /**
     * The stack of a template.
     *
     * @param given the parameters that have no default, or shall have another value
     */
    public static Template of(Path file, String stack, Map<String, String> given) {
        return new Template(stack, CloudFormationYaml.read(file), given);
    }

    private Resource resource(String id, Map<String, Object> one) {
        var properties = one.containsKey("Properties") ? map(resolve(one.get("Properties"))) : Map.<String, Object>of();
        return new Resource(id, String.valueOf(one.get("Type")), properties);
    }

    /** The resources of a type, in the template's order. */
    public List<Resource> resources(String type) {
        return resources.values().stream()
                .filter(one -> one.type().equals(type))
                .toList();
    }

    /** This resource, if it exists in this stack. */
    public Optional<Resource> resource(String logicalId) {
        return Optional.ofNullable(resources.get(logicalId));
    }

    /** The variables that the template sets for a function. */
    public Map<String, String> variables(String function) {
        var variables = new LinkedHashMap<String, String>();
        resource(function)
                .map(one -> map(map(one.properties().get("Environment")).get("Variables")))
                .orElseThrow()
                .forEach((name, value) -> variables.put(name, String.valueOf(value)));
        return variables;
    }

    /** What {@code !Ref} gives. */
    public String ref(String name) {
        return String.valueOf(reference(name));
    }

    public List<Alarm> alarms() {
        return resources("AWS::CloudWatch::Alarm").stream().map(Alarm::of).toList();
    }

    /** The dashboard's body. */
    public Optional<Map<String, Object>> dashboard() {
        return resources("AWS::CloudWatch::Dashboard").stream()
                .findFirst()
                .map(one -> Json.object(String.valueOf(one.properties().get("DashboardBody")))
                        .orElseThrow(() -> new AssertionError("the dashboard's body is not JSON")));
    }

    /** The event patterns of EventBridge rules, by the rule's logical id. */
    public Map<String, String> eventPatterns() {
        var patterns = new LinkedHashMap<String, String>();
        resources("AWS::Events::Rule").stream()
                .filter(one -> one.properties().containsKey("EventPattern"))
                .forEach(one -> patterns.put(
                        one.logicalId(), Json.text(map(one.properties().get("EventPattern")))));
        return patterns;
    }

    private Map<String, Object> section(String name) {
        return root.containsKey(name) ? map(root.get(name)) : Map.of();
    }

    private boolean condition(String name) {
        return holds(section("Conditions").get(name));
    }

    private boolean holds(@Nullable Object condition) {
        var entry = map(condition).entrySet().iterator().next();
        var arguments = entry.getValue();
        return switch (entry.getKey()) {
            case "Condition" -> condition(String.valueOf(arguments));
            case "Fn::Equals" ->
                String.valueOf(resolve(list(arguments).get(0)))
                        .equals(String.valueOf(resolve(list(arguments).get(1))));
            case "Fn::Not" -> !holds(list(arguments).getFirst());
            case "Fn::And" -> list(arguments).stream().allMatch(this::holds);
            case "Fn::Or" -> list(arguments).stream().anyMatch(this::holds);
            default -> throw unknown(entry.getKey());
        };
    }

    private Object resolve(Object value) {
        return switch (value) {
            case Map<?, ?> map
            when map.size() == 1 && isFunction(String.valueOf(only(map.keySet()))) ->
                apply(String.valueOf(only(map.keySet())), only(map.values()));
            case Map<?, ?> map -> {
                var resolved = new LinkedHashMap<String, Object>();
                map.forEach((key, one) -> {
                    var inner = one == null ? NO_VALUE : resolve(one);
                    if (inner != NO_VALUE) {
                        resolved.put(String.valueOf(key), inner);
                    }
                });
                yield resolved;
            }
            case List<?> list ->
                list.stream().map(this::resolve).filter(one -> one != NO_VALUE).toList();
            default -> value;
        };
    }

    private static boolean isFunction(String key) {
        return key.equals("Ref") || key.startsWith("Fn::");
    }

    private Object apply(String function, Object argument) {
        return switch (function) {
            case "Ref" -> reference(String.valueOf(argument));
            case "Fn::GetAtt" ->
                attribute(
                        String.valueOf(list(argument).get(0)),
                        String.valueOf(list(argument).get(1)));
            case "Fn::Sub" -> substitute(argument);
            case "Fn::If" ->
                resolve(list(argument)
                        .get(condition(String.valueOf(list(argument).getFirst())) ? 1 : 2));
            case "Fn::Join" ->
                String.join(
                        String.valueOf(list(argument).get(0)),
                        list(resolve(list(argument).get(1))).stream()
                                .map(String::valueOf)
                                .toList());
            case "Fn::Split" ->
                List.of(String.valueOf(resolve(list(argument).get(1)))
                        .split(Pattern.quote(String.valueOf(list(argument).get(0))), -1));
            case "Fn::Select" -> {
                var from = list(resolve(list(argument).get(1)));
                yield from.get(
                        Integer.parseInt(String.valueOf(resolve(list(argument).get(0)))));
            }
            case "Fn::FindInMap" -> {
                var keys = list(resolve(argument));
                var mapping = map(section("Mappings").get(String.valueOf(keys.get(0))));
                var row = map(mapping.get(String.valueOf(keys.get(1))));
                yield Optional.ofNullable(row.get(String.valueOf(keys.get(2)))).orElseThrow();
            }
            default -> throw unknown(function);
        };
    }

    private String substitute(Object argument) {
        var text = argument instanceof List<?> both ? String.valueOf(both.get(0)) : String.valueOf(argument);
        var variables = argument instanceof List<?> both ? map(both.get(1)) : Map.<String, Object>of();
        return IN_SUB.matcher(text).replaceAll(found -> {
            var name = found.group(2);
            if (!found.group(1).isEmpty()) {
                return Matcher.quoteReplacement("${" + name + "}");
            }
            Object value = variables.containsKey(name)
                    ? resolve(Optional.ofNullable(variables.get(name)).orElseThrow())
                    : parameters.containsKey(name) || name.startsWith("AWS::") || !name.contains(".")
                            ? reference(name)
                            : attribute(name.substring(0, name.indexOf('.')), name.substring(name.indexOf('.') + 1));
            return Matcher.quoteReplacement(String.valueOf(value));
        });
    }

    private Object reference(String name) {
        var parameter = parameters.get(name);
        if (parameter != null) {
            return parameter;
        }
        return switch (name) {
            case "AWS::NoValue" -> NO_VALUE;
            case "AWS::StackName" -> stack;
            case "AWS::StackId" -> arn("cloudformation", "stack/" + stack + "/0");
            case "AWS::Region" -> REGION;
            case "AWS::AccountId" -> ACCOUNT;
            case "AWS::Partition" -> "aws";
            case "AWS::URLSuffix" -> "amazonaws.com";
            // SAM: the alias that AutoPublishAlias makes.
            case "RotatorFunction.Alias" -> attribute("RotatorFunction", "Arn") + ":live";
            default ->
                switch (type(name)) {
                    case "AWS::SQS::Queue" ->
                        "https://sqs.%s.amazonaws.com/%s/%s".formatted(REGION, ACCOUNT, name(name));
                    case "AWS::SNS::Topic", "AWS::IAM::ManagedPolicy" -> attribute(name, "Arn");
                    default -> name(name);
                };
        };
    }

    private String attribute(String id, String attribute) {
        return switch (attribute) {
            case "Arn", "TopicArn" ->
                switch (type(id)) {
                    case "AWS::Serverless::Function" -> arn("lambda", "function:" + name(id));
                    case "AWS::SQS::Queue" -> arn("sqs", name(id));
                    case "AWS::SNS::Topic" -> arn("sns", name(id));
                    case "AWS::IAM::Role" -> "arn:aws:iam::%s:role/%s".formatted(ACCOUNT, name(id));
                    case "AWS::IAM::ManagedPolicy" -> "arn:aws:iam::%s:policy/%s".formatted(ACCOUNT, name(id));
                    case "AWS::Events::Rule" -> arn("events", "rule/" + name(id));
                    case "AWS::Events::EventBus" -> arn("events", "event-bus/" + name(id));
                    case "AWS::Logs::LogGroup" -> arn("logs", "log-group:" + name(id) + ":*");
                    case "AWS::CloudWatch::Alarm" -> arn("cloudwatch", "alarm:" + name(id));
                    default -> throw unknown(type(id) + "." + attribute);
                };
            case "QueueName", "TopicName", "Name" -> name(id);
            default -> throw unknown(type(id) + "." + attribute);
        };
    }

    private static String arn(String service, String resource) {
        return "arn:aws:%s:%s:%s:%s".formatted(service, REGION, ACCOUNT, resource);
    }

    private String type(String id) {
        return String.valueOf(map(section("Resources").get(id)).get("Type"));
    }

    /** The name that a property gives it, else a generated one. */
    private String name(String id) {
        var properties = map(map(section("Resources").get(id)).getOrDefault("Properties", Map.of()));
        Function<String, Optional<String>> given = key -> Optional.ofNullable(properties.get(key))
                .map(this::resolve)
                .filter(name -> name != NO_VALUE)
                .map(String::valueOf);
        var key = switch (type(id)) {
            case "AWS::Serverless::Function" -> "FunctionName";
            case "AWS::SQS::Queue" -> "QueueName";
            case "AWS::Logs::LogGroup" -> "LogGroupName";
            case "AWS::CloudWatch::Dashboard" -> "DashboardName";
            case "AWS::CloudWatch::Alarm" -> "AlarmName";
            case "AWS::SNS::Topic" -> "TopicName";
            default -> "Name";
        };
        return given.apply(key).orElse(stack + "-" + id + "-1A2B3C4D5E6F");
    }

    private static <T> T only(Collection<T> one) {
        return one.iterator().next();
    }

    @SuppressWarnings("unchecked")
    static Map<String, Object> map(@Nullable Object value) {
        if (value instanceof Map<?, ?> map) {
            return (Map<String, Object>) map;
        }
        throw new AssertionError("a map was expected: " + value);
    }

    static List<Object> list(@Nullable Object value) {
        if (value instanceof List<?> list) {
            return new ArrayList<>(list);
        }
        throw new AssertionError("a list was expected: " + value);
    }

    private static AssertionError unknown(String what) {
        return new AssertionError("this reader of templates does not know " + what);
    }
}
