"""Invokes the function with the files of events/ through sam local, and checks each answer and what the stand-ins hold after it.

usage: answers.py all NAME...          fails unless these are all files of events/
       answers.py play FOLDER ATLAS SECRETS_MANAGER ARCHITECTURE NAME...
"""

import json
import pathlib
import subprocess
import sys
import time

import emulator

EVENTS = pathlib.Path(__file__).resolve().parents[2] / "events"
TOKEN = json.loads((EVENTS / "step-createSecret.json").read_text())["ClientRequestToken"]
MANAGED = {"demo/standalone", "demo/leaked", "demo/due"}
ALL = MANAGED | {"demo/attached", "demo/halfway"}


class State:
    """What both stand-ins hold at one time."""

    def __init__(self, atlas, secrets_manager):
        self.atlas = atlas
        self.stages, self.values = {}, {}
        for name in ALL:
            self.stages[name] = emulator.versions(secrets_manager, name)
            for stage, version in self.stages[name].items():
                if stage == "AWSPENDING" and not emulator.has_value(secrets_manager, name, version):
                    continue
                self.values[name, stage] = emulator.value(secrets_manager, name, VersionId=version)
        self.at_atlas = {name: emulator.atlas_secrets(atlas, self.values[name, "AWSCURRENT"]) for name in ALL}

    def works(self, name, stage):
        held = self.values.get((name, stage))
        return held is not None and emulator.authenticates(self.atlas, held["clientId"], held["clientSecret"])

    def changed_since(self, before):
        return {n for n in ALL if (self.stages[n], self.at_atlas[n]) != (before.stages[n], before.at_atlas[n])}


def step(answer, *_):
    yield "the answer of a step is null", answer is None


def nothing(_, before, after):
    yield "nothing has changed", not after.changed_since(before)


def created(answer, before, after):
    yield from step(answer)
    yield "only this account has changed", after.changed_since(before) == {"demo/attached"}
    yield "the pending version has a value that works", after.works("demo/attached", "AWSPENDING")
    yield "it is the version that Secrets Manager named", after.stages["demo/attached"]["AWSPENDING"] == TOKEN
    yield "one more secret at Atlas", len(after.at_atlas["demo/attached"] - before.at_atlas["demo/attached"]) == 1
    yield "current is where it was", after.stages["demo/attached"]["AWSCURRENT"] == before.stages["demo/attached"]["AWSCURRENT"]
    yield "current still works", after.works("demo/attached", "AWSCURRENT")


def quiet_step(answer, before, after):
    yield from step(answer)
    yield from nothing(answer, before, after)


def finished(answer, before, after):
    yield from step(answer)
    yield "only this account has changed", after.changed_since(before) == {"demo/halfway"}
    yield "current is the new version", after.stages["demo/halfway"]["AWSCURRENT"] == TOKEN
    yield "previous is the old one", after.stages["demo/halfway"]["AWSPREVIOUS"] == before.stages["demo/halfway"]["AWSCURRENT"]
    yield "current works", after.works("demo/halfway", "AWSCURRENT")
    yield "previous works too", after.works("demo/halfway", "AWSPREVIOUS")


def accounts(answer):
    return {account["name"]: account for account in answer["accounts"]}


def report(answer, action, dry, names):
    yield "no error", "errorType" not in answer
    yield f"a report of {action}", answer["action"] == action and answer["dryRun"] is dry
    yield f"about {sorted(names)}", set(accounts(answer)) == names and answer["checked"] == len(names)
    yield "nothing failed", all(account["state"] != "failed" for account in answer["accounts"])
    yield "nobody needs to act", answer["severity"] == "none" and answer["findings"] == []
    yield "nothing unfinished", answer["unfinished"] == 0
    for name, account in accounts(answer).items():
        yield f"says what belongs to {name}", all(account.get(key) for key in ("secretArn", "clientId", "groupId", "state", "secretId", "createdAt", "expiresAt"))


def acted(answer, name):
    return [action["type"] for action in accounts(answer)[name]["actions"]]


def rotated(answer, before, after, action, name, names):
    """This one, and no other."""
    yield from report(answer, action, False, names)
    yield "created and promoted", acted(answer, name)[:2] == ["created", "promoted"]
    yield "there are no other actions", not any(acted(answer, other) for other in names - {name})
    yield "only this account has changed", after.changed_since(before) == {name}
    yield from replaced(before, after, name)


def replaced(before, after, name):
    yield "previous is what was current", after.stages[name]["AWSPREVIOUS"] == before.stages[name]["AWSCURRENT"]
    yield "nothing is pending", after.stages[name].get("AWSPENDING") in (None, after.stages[name]["AWSCURRENT"])
    yield "current works", after.works(name, "AWSCURRENT")


def rotates(action, name, names):
    def check(answer, before, after):
        yield from rotated(answer, before, after, action, name, names)
        yield "previous works too", after.works(name, "AWSPREVIOUS")
    return check


def would_rotate(action, name, names):
    def check(answer, before, after):
        yield from report(answer, action, True, names)
        yield "says that it would create", "created" in acted(answer, name)
        yield "says no other action", not any(acted(answer, other) for other in names - {name})
        yield from nothing(answer, before, after)
    return check


def revoked(answer, before, after):
    yield from rotated(answer, before, after, "rotate", "demo/leaked", {"demo/leaked"})
    deleted = accounts(answer)["demo/leaked"]["actions"][2:]
    yield "says that the old one is revoked", [(one["type"], one["reason"]) for one in deleted] == [("deleted", "revoked")]
    yield "one secret is left at Atlas", len(after.at_atlas["demo/leaked"]) == 1
    yield "it is a new one", not after.at_atlas["demo/leaked"] & before.at_atlas["demo/leaked"]
    yield "previous no longer works", not after.works("demo/leaked", "AWSPREVIOUS")


def status(answer, before, after):
    yield from report(answer, "status", False, MANAGED)
    states = {name: account["state"] for name, account in accounts(answer).items()}
    yield "one is due", states == {"demo/standalone": "fresh", "demo/leaked": "fresh", "demo/due": "due"}
    yield from nothing(answer, before, after)


def check(answer, before, after):
    yield from report(answer, "check", False, MANAGED)
    yield "each is ready", all(account["ready"] for account in answer["accounts"])
    yield "and is told what comes next", all(account["next"]["what"].startswith("create a secret") for account in answer["accounts"])
    yield from nothing(answer, before, after)


def nothing_to_discover(answer, before, after):
    yield "an error of the kind Configuration", answer["errorType"].endswith(".RotatorException$Configuration")
    yield "says what is missing", "an admin credential is needed" in answer["errorMessage"]
    yield from nothing(answer, before, after)


def at_rest(answer, before, after):
    yield from report(answer, "sweep", False, MANAGED)
    yield "there are no actions", not any(acted(answer, name) for name in MANAGED)
    yield from nothing(answer, before, after)


def batch(answer, before, after):
    yield "no message is to come back", answer == {"batchItemFailures": []}
    yield "only the account of the message has changed", after.changed_since(before) == {"demo/due"}
    yield from replaced(before, after, "demo/due")


def refused(answer, before, after):
    yield "an error of the kind Configuration", answer["errorType"].endswith(".RotatorException$Configuration")
    message = answer["errorMessage"]
    yield "says what was expected", all(word in message for word in ("Expected", "Step", "sweep", "rotate", "status", "SQS"))
    yield from nothing(answer, before, after)


CHECKS = {
    "step-createSecret": created,
    "step-setSecret": quiet_step,
    "step-testSecret": quiet_step,
    "step-finishSecret": finished,
    "status": status,
    "check": check,
    "discover": nothing_to_discover,
    "rotate-dry-run": would_rotate("rotate", "demo/standalone", {"demo/standalone"}),
    "rotate": rotates("rotate", "demo/standalone", {"demo/standalone"}),
    "rotate-revoke-old": revoked,
    "rotate-leaked": revoked,
    "sweep-dry-run": would_rotate("sweep", "demo/due", MANAGED),
    "sweep": rotates("sweep", "demo/due", MANAGED),
    "sweep-scheduled": at_rest,
    "schedule-rule": rotates("sweep", "demo/due", MANAGED),
    "schedule-scheduler": rotates("sweep", "demo/due", MANAGED),
    "sqs": batch,
    "unknown": refused,
}


def play(folder, atlas, secrets_manager, architecture, names):
    failed = 0
    for name in names:
        before = State(atlas, secrets_manager)
        began = time.monotonic()
        called = subprocess.run(
            ["sam", "local", "invoke", "RotatorFunction", "--event", f"events/{name}.json", "--env-vars", f"{folder}/env.json",
             "--add-host", "host.docker.internal:host-gateway", "--parameter-overrides", f"Architecture={architecture}"],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=300, check=False,
        )
        took = time.monotonic() - began
        pathlib.Path(folder, f"{name}.log").write_text(called.stderr, encoding="utf-8")
        after = State(atlas, secrets_manager)
        try:
            answer = json.loads(called.stdout)
            wrong = [what for what, holds in CHECKS[name](answer, before, after) if not holds]
        except (ValueError, KeyError, AttributeError, TypeError, IndexError) as error:
            wrong = [f"the answer can be read ({error!r})"]
        held = [value for state in (before, after) for value in state.values.values()]
        # The registration of a rotation holds no secret.
        secrets = {value["clientSecret"] for value in held if "clientSecret" in value}
        if any(secret in called.stdout + called.stderr for secret in secrets):
            wrong.append("no secret is printed")
        if wrong:
            failed += 1
            log = "\n".join(called.stderr.splitlines()[-20:])
            print(f"FAIL {name}: not true: {'; '.join(wrong)}\n     answer: {called.stdout[:1500]}\n{log}", flush=True)
        else:
            print(f"PASS {name} ({took:.1f} s)", flush=True)
    return failed


def main():
    if sys.argv[1] == "all":
        names, files = sys.argv[2:], {path.stem for path in EVENTS.glob("*.json")} - {"env"}
        if sorted(names) != sorted(files) or files != set(CHECKS):
            raise SystemExit(f"events/, the scenes and the checks differ: {sorted(files)}, {sorted(names)}, {sorted(CHECKS)}")
        return
    folder, atlas, secrets_manager, architecture, *names = sys.argv[2:]
    raise SystemExit(1 if play(folder, atlas, secrets_manager, architecture, names) else 0)


if __name__ == "__main__":
    main()
