"""Drives the function that is deployed to LocalStack, and checks what it has done.

usage: deployed.py ENDPOINT ATLAS CREDENTIAL_FILE ALIAS_ARN
"""

import json
import pathlib
import sys
import time

import emulator

SECRET = "demo/deployed"


def main(endpoint, atlas, credential, alias):
    value = pathlib.Path(credential).read_text(encoding="utf-8")
    emulator.secrets_manager(
        endpoint, "CreateSecret", Name=SECRET, SecretString=value, ClientRequestToken="d0000000-0000-4000-8000-000000000001",
        Tags=[{"Key": "atlas-secret-rotator", "Value": "managed"}],
    )
    before = emulator.versions(endpoint, SECRET)["AWSCURRENT"]

    began = time.monotonic()
    emulator.secrets_manager(
        endpoint, "RotateSecret", SecretId=SECRET, RotationLambdaARN=alias, RotationRules={"AutomaticallyAfterDays": 30},
        ClientRequestToken="d0000000-0000-4000-8000-000000000002",
    )
    moved = wait(lambda: emulator.versions(endpoint, SECRET)["AWSCURRENT"] != before, seconds=90)
    say("AWSCURRENT has moved", moved)
    print(f"     after {time.monotonic() - began:.1f} s, the function's cold start included")
    new = emulator.value(endpoint, SECRET, VersionStage="AWSCURRENT")
    old = emulator.value(endpoint, SECRET, VersionStage="AWSPREVIOUS")
    say("it holds another secret of the same account", new["clientId"] == old["clientId"] and new["clientSecret"] != old["clientSecret"])
    say("the new value signs in at Atlas", emulator.signs_in(atlas, new["clientId"], new["clientSecret"]))
    say("the old one still does", emulator.signs_in(atlas, old["clientId"], old["clientSecret"]))

    status = emulator.invoke(endpoint, alias, {"action": "status"})
    say("status, asked of the alias, names the account", [a.get("name") for a in status.get("accounts", [])] == [SECRET])

    queue = next(url for url in emulator.sqs(endpoint, "ListQueues")["QueueUrls"] if "WorkQueue" in url)
    arn = emulator.secrets_manager(endpoint, "DescribeSecret", SecretId=SECRET)["ARN"]
    emulator.sqs(endpoint, "SendMessage", QueueUrl=queue, MessageBody=json.dumps({"action": "sweep", "secretIds": [arn]}))
    say("a message of the work queue is worked off", wait(lambda: left(endpoint, queue) == 0, seconds=60))
    say("nothing was done twice", emulator.value(endpoint, SECRET, VersionStage="AWSCURRENT") == new)
    dead = next(url for url in emulator.sqs(endpoint, "ListQueues")["QueueUrls"] if "WorkDeadLetters" in url)
    say("no dead letters", left(endpoint, dead) == 0)


def left(endpoint, queue):
    names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
    attributes = emulator.sqs(endpoint, "GetQueueAttributes", QueueUrl=queue, AttributeNames=names)["Attributes"]
    return sum(int(attributes[name]) for name in names)


def wait(holds, seconds):
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if holds():
            return True
        time.sleep(0.5)
    return False


def say(what, holds):
    print(f"{'PASS' if holds else 'FAIL'} {what}")
    if not holds:
        raise SystemExit(1)


if __name__ == "__main__":
    main(*sys.argv[1:])
