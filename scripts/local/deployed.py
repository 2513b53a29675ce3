"""Invokes the function that is deployed to LocalStack, and checks what it has done.

usage: deployed.py rotations|queue|reports|metrics|tagged|observed|acted|attached ENDPOINT ATLAS CREDENTIALS_FILE STACK
       deployed.py upload ENDPOINT FILE BUCKET
"""

import json
import pathlib
import shlex
import sys
import time
import uuid

import emulator

ATTACHED, SWEPT, ENQUEUED, LOCKED_OUT, DAY_ONE = "demo/attached", "demo/swept", "demo/enqueued", "demo/locked-out", "demo/day-one"


class Deployed:
    def __init__(self, endpoint, atlas, credentials, stack):
        self.endpoint, self.atlas, self.stack = endpoint, atlas, stack
        self.credentials = json.loads(pathlib.Path(credentials).read_text(encoding="utf-8"))
        self.outputs = emulator.stack_outputs(endpoint, stack)
        self.alias, self.function = self.outputs["RotationLambdaArn"], self.outputs["FunctionName"]

    def store(self, name, which, tag="atlas-secret-rotator", **changes):
        created = emulator.secrets_manager(
            self.endpoint, "CreateSecret", Name=name, SecretString=json.dumps(self.credentials[which] | changes),
            ClientRequestToken=f"d0000000-0000-4000-8000-00000000000{which}",
            Tags=[{"Key": tag, "Value": "managed"}],
        )
        return created["ARN"]

    def stages(self, name):
        return emulator.versions(self.endpoint, name)

    def value(self, name, stage):
        return emulator.value(self.endpoint, name, VersionStage=stage)

    def invoke_as_the_schedule_does(self):
        """With the target and the input of the deployed schedule."""
        return emulator.invoke(self.endpoint, self.alias, self.scheduled())

    def destinations_of_the_alias_for_its_version(self):
        """Lambda uses those of the qualifier that was invoked; LocalStack 4.14 those of the version behind it."""
        path = f"/2019-09-25/functions/{self.function}/event-invoke-config?Qualifier="
        deployed = emulator.get(self.endpoint, f"{path}live", "lambda")
        version = emulator.get(self.endpoint, f"/2015-03-31/functions/{self.function}/aliases/live", "lambda")["FunctionVersion"]
        emulator.put(self.endpoint, f"{path}{version}", "lambda", {"DestinationConfig": deployed["DestinationConfig"]})

    def scheduled(self):
        """What the deployed schedule sends, with the time filled in as Scheduler does."""
        target = emulator.get(self.endpoint, f"/schedules/{self.function}", "scheduler")["Target"]
        say("the schedule invokes the alias", target["Arn"] == self.alias)
        now = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
        return json.loads(target["Input"].replace("<aws.scheduler.scheduled-time>", now))

    def check_replaced(self, name, version_before):
        say(f"{name}: previous is what was current", self.stages(name)["AWSPREVIOUS"] == version_before)
        new, old = self.value(name, "AWSCURRENT"), self.value(name, "AWSPREVIOUS")
        say("it holds another secret of the same account", new["clientId"] == old["clientId"] and new["clientSecret"] != old["clientSecret"])
        say("the new value authenticates at Atlas", emulator.authenticates(self.atlas, new["clientId"], new["clientSecret"]))
        say("the old one still does", emulator.authenticates(self.atlas, old["clientId"], old["clientSecret"]))

    def queue(self, name):
        return next(url for url in emulator.sqs(self.endpoint, "ListQueues")["QueueUrls"] if f"/{self.stack}-{name}-" in url)

    def left(self, queue):
        """The number of visible messages, and of messages that were received and not deleted."""
        names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        attributes = emulator.sqs(self.endpoint, "GetQueueAttributes", QueueUrl=queue, AttributeNames=names)["Attributes"]
        return tuple(int(attributes[name]) for name in names)


def rotations(deployed):
    deployed.store(ATTACHED, 0)
    before = deployed.stages(ATTACHED)["AWSCURRENT"]
    began = time.monotonic()
    emulator.secrets_manager(
        deployed.endpoint, "RotateSecret", SecretId=ATTACHED, RotationLambdaARN=deployed.alias,
        RotationRules={"AutomaticallyAfterDays": 30}, ClientRequestToken="d0000000-0000-4000-8000-000000000010",
    )
    say("rotate-secret moves AWSCURRENT", wait(lambda: deployed.stages(ATTACHED)["AWSCURRENT"] != before, seconds=90))
    print(f"     after {time.monotonic() - began:.1f} s, the function's cold start included")
    deployed.check_replaced(ATTACHED, before)

    deployed.store(SWEPT, 1)
    before, attached = deployed.stages(SWEPT)["AWSCURRENT"], deployed.stages(ATTACHED)
    status = emulator.invoke(deployed.endpoint, deployed.alias, {"action": "status"})
    say("status names both and their states", states(status) == {ATTACHED: "overlap", SWEPT: "due"})
    report = deployed.invoke_as_the_schedule_does()
    say("the sweep reports no failure", "failed" not in report["states"] and report["unfinished"] == 0)
    say("it rotates the one that is due", [action["type"] for action in actions(report, SWEPT)] == ["created", "promoted"])
    say("and not the other", actions(report, ATTACHED) == [] and deployed.stages(ATTACHED) == attached)
    deployed.check_replaced(SWEPT, before)


def queue(deployed):
    arn = deployed.store(ENQUEUED, 2, tag="queued")
    before = deployed.stages(ENQUEUED)["AWSCURRENT"]
    work, dead = deployed.queue("WorkQueue"), deployed.queue("WorkDeadLetters")

    report = deployed.invoke_as_the_schedule_does()
    say("the sweep reports no failure", "failed" not in report["states"] and report["unfinished"] == 0)
    say("it has rotated nothing itself", actions(report, ENQUEUED) == [])
    say("the run that processes the message rotates", wait(lambda: deployed.stages(ENQUEUED)["AWSCURRENT"] != before, seconds=90))
    say("the message is gone", wait(lambda: deployed.left(work) == (0, 0), seconds=30))
    deployed.check_replaced(ENQUEUED, before)

    good = json.dumps({"action": "sweep", "secretIds": [arn]})
    entries = [{"Id": "good", "MessageBody": good}, {"Id": "bad", "MessageBody": json.dumps({"action": "rotate", "secretId": arn})}]
    once = deployed.stages(ENQUEUED)
    emulator.sqs(deployed.endpoint, "SendMessageBatch", QueueUrl=work, Entries=entries)
    say("of two messages the one that cannot be processed stays, in flight", wait(lambda: deployed.left(work) == (0, 1), seconds=60))
    time.sleep(2)
    say("and it is the only one that stays", deployed.left(work) == (0, 1))
    say("nothing was done twice", deployed.stages(ENQUEUED) == once)
    say("no dead letters so far", deployed.left(dead) == (0, 0))


def reports(deployed):
    """The report of a sweep that the schedule asks for, on the bus and behind the rule of examples/notify."""
    deployed.store(LOCKED_OUT, 0, clientSecret="mdb_sa_sk_" + "0" * 40)
    queues = {name: listener(deployed, name) for name in ("on-the-bus", "behind-the-rule")}
    emulator.events(deployed.endpoint, "PutRule", Name="every-report", EventPattern=json.dumps({"source": ["lambda"]}))
    emulator.events(deployed.endpoint, "PutTargets", Rule="every-report", Targets=[{"Id": "q", "Arn": queues["on-the-bus"][1]}])
    topic = emulator.stack_outputs(deployed.endpoint, "notify")["TopicArn"]
    emulator.query(deployed.endpoint, "sns", "Subscribe", "2010-03-31", TopicArn=topic, Protocol="sqs", Endpoint=queues["behind-the-rule"][1])

    deployed.destinations_of_the_alias_for_its_version()
    emulator.invoke_asynchronously(deployed.endpoint, deployed.alias, deployed.scheduled())

    event = json.loads(received(deployed, queues["on-the-bus"][0]))
    report = event["detail"]["responsePayload"]
    say("the report is on the bus", event["source"] == "lambda" and report["action"] == "sweep" and report["notify"] == "critical")
    say("the account that is locked out comes first", report["accounts"][0]["name"] == LOCKED_OUT and states(report)[LOCKED_OUT] == "lockedOut")
    mail = json.loads(received(deployed, queues["behind-the-rule"][0]))["Message"]
    print("     " + mail.replace("\\n", "\n     "))
    say("the mail names it and its code", mail.startswith('"critical: ') and f"CRITICAL {LOCKED_OUT} (lockedOut): CREDENTIAL_REJECTED" in mail)
    emulator.secrets_manager(deployed.endpoint, "DeleteSecret", SecretId=LOCKED_OUT, ForceDeleteWithoutRecovery=True)


def tagged(deployed):
    """Day one: a stored secret that is there already gets its tag. The function may read it from now on."""
    created = deployed.store(DAY_ONE, 3, tag="another")
    emulator.secrets_manager(deployed.endpoint, "TagResource", SecretId=created, Tags=[{"Key": "dayone", "Value": "true"}])


def observed(deployed):
    """A sweep of a deployment that observes reports what it would do, and changes nothing."""
    before = deployed.stages(DAY_ONE)
    report = deployed.invoke_as_the_schedule_does()
    say("the sweep reports that it observes", report["mode"] == "observe" and report["dryRun"] is False)
    say("it would rotate the one that is due", [one["type"] for one in actions(report, DAY_ONE)] == ["created", "promoted"])
    say("nothing has changed", deployed.stages(DAY_ONE) == before)


def acted(deployed):
    before = deployed.stages(DAY_ONE)["AWSCURRENT"]
    report = deployed.invoke_as_the_schedule_does()
    say("the sweep acts", report["mode"] == "act" and [one["type"] for one in actions(report, DAY_ONE)] == ["created", "promoted"])
    deployed.check_replaced(DAY_ONE, before)


def attached(deployed):
    """The stack's AttachCommand, and the rotation that Secrets Manager then begins."""
    before = deployed.stages(DAY_ONE)["AWSCURRENT"]
    command = deployed.outputs["AttachCommand"].replace("YOUR_SECRET", DAY_ONE)
    command = command.replace("YOUR_CLIENT_ID", deployed.value(DAY_ONE, "AWSCURRENT")["clientId"])
    print("     " + command.replace(" && ", " &&\n     "))
    # LocalStack 4.14 fails with an internal error where it is not to rotate at once.
    at_once = command.replace(" --no-rotate-immediately", "")
    say("AttachCommand leaves the first rotation to the schedule", at_once != command)
    for one in at_once.split(" && "):
        run_as_the_command_line(deployed.endpoint, one)
    say("Secrets Manager's rotation moves AWSCURRENT", wait(lambda: deployed.stages(DAY_ONE)["AWSCURRENT"] != before, seconds=90))
    deployed.check_replaced(DAY_ONE, before)


def run_as_the_command_line(endpoint, command):
    """One call of `aws secretsmanager`, for machines without it: texts, JSON, and tags as Key=K,Value=V."""
    _, _, operation, *words = shlex.split(command)
    # As the command line does where it is not given one.
    members = {"ClientRequestToken": str(uuid.uuid4())} if operation == "rotate-secret" else {}
    for option, value in zip(words[::2], words[1::2]):
        if option == "--tags":
            value = [dict(part.split("=", 1) for part in value.split(","))]
        elif value.startswith("{"):
            value = json.loads(value)
        if option != "--region":
            members[camel(option).replace("Arn", "ARN")] = value
    emulator.secrets_manager(endpoint, camel(operation), **members)


def camel(words):
    return "".join(word.capitalize() for word in words.split("-"))


def listener(deployed, name):
    """A new queue: (URL, ARN)."""
    url = emulator.sqs(deployed.endpoint, "CreateQueue", QueueName=name)["QueueUrl"]
    return url, f"arn:aws:sqs:{emulator.REGION}:000000000000:{name}"


def received(deployed, url):
    for _ in range(60):
        got = emulator.sqs(deployed.endpoint, "ReceiveMessage", QueueUrl=url, WaitTimeSeconds=1).get("Messages")
        if got:
            return got[0]["Body"]
    raise SystemExit(f"FAIL nothing arrived at {url}")


def metrics(deployed):
    """What the deployed alarms read is what this function has written, and nothing of another deployment."""
    written = set()
    # LocalStack ignores the function's LoggingConfig, and names the group after the function.
    group = f"/aws/lambda/{deployed.function}"
    for event in emulator.logs(deployed.endpoint, "FilterLogEvents", logGroupName=group)["events"]:
        if event["message"].startswith('{"_aws"'):
            line = json.loads(event["message"])
            for directive in line["_aws"]["CloudWatchMetrics"]:
                (dimensions,) = directive["Dimensions"]
                written |= {(directive["Namespace"], one["Name"], *[line[name] for name in dimensions]) for one in directive["Metrics"]}
    say("the function has written metrics", ("AtlasSecretRotator", "Sweeps", deployed.function) in written)
    mine = [metric for name, read in emulator.alarms(deployed.endpoint) if name.startswith(deployed.stack + "-") for metric in read]
    mine = [(space, name, *dimensions.values()) for space, name, dimensions in mine if space == "AtlasSecretRotator"]
    say(f"each of {len(mine)} metrics that its alarms read is one of them", mine != [] and set(mine) <= written)


def states(report):
    return {account["name"]: account["state"] for account in report["accounts"]}


def actions(report, name):
    return next((account["actions"] for account in report["accounts"] if account["name"] == name), [])


def wait(holds, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.5)
    return False


def say(what, holds):
    print(f"{'PASS' if holds else 'FAIL'} {what}", flush=True)
    if not holds:
        raise SystemExit(1)


def upload(endpoint, file, bucket):
    """Puts a file, under its own name, into a new bucket."""
    path = pathlib.Path(file)
    emulator.s3_put(endpoint, bucket)
    emulator.s3_put(endpoint, f"{bucket}/{path.name}", path.read_bytes())


if __name__ == "__main__":
    if sys.argv[1] == "upload":
        raise SystemExit(upload(*sys.argv[2:]))
    {"rotations": rotations, "queue": queue, "reports": reports, "metrics": metrics, "tagged": tagged, "observed": observed, "acted": acted, "attached": attached}[sys.argv[1]](Deployed(*sys.argv[2:]))
