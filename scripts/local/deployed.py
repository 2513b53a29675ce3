"""Invokes the function that is deployed to LocalStack, and checks what it has done.

usage: deployed.py rotations|queue ENDPOINT ATLAS CREDENTIALS_FILE STACK
"""

import json
import pathlib
import sys
import time

import emulator

ATTACHED, SWEPT, ENQUEUED = "demo/attached", "demo/swept", "demo/enqueued"


class Deployed:
    def __init__(self, endpoint, atlas, credentials, stack):
        self.endpoint, self.atlas, self.stack = endpoint, atlas, stack
        self.credentials = json.loads(pathlib.Path(credentials).read_text(encoding="utf-8"))
        outputs = emulator.stack_outputs(endpoint, stack)
        self.alias, self.function = outputs["RotationLambdaArn"], outputs["FunctionName"]

    def store(self, name, which, tag="atlas-secret-rotator"):
        created = emulator.secrets_manager(
            self.endpoint, "CreateSecret", Name=name, SecretString=json.dumps(self.credentials[which]),
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
        target = emulator.get(self.endpoint, f"/schedules/{self.function}", "scheduler")["Target"]
        say("the schedule invokes the alias", target["Arn"] == self.alias)
        return emulator.invoke(self.endpoint, target["Arn"], json.loads(target["Input"]))

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


if __name__ == "__main__":
    {"rotations": rotations, "queue": queue}[sys.argv[1]](Deployed(*sys.argv[2:]))
