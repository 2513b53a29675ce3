"""Checks the function's answer to one file of events/, and what the stand-ins hold after it.

usage: answers.py list                              the files in the order in which they tell a story
       answers.py check NAME ANSWER ATLAS SECRETS_MANAGER
"""

import json
import pathlib
import sys

import emulator

EVENTS = pathlib.Path(__file__).resolve().parents[2] / "events"
TOKEN = json.loads((EVENTS / "step-createSecret.json").read_text())["ClientRequestToken"]
MANAGED = {"demo/standalone", "demo/leaked", "demo/due"}


class World:
    def __init__(self, atlas, secrets_manager):
        self.atlas, self.secrets_manager = atlas, secrets_manager

    def stages(self, secret):
        return emulator.versions(self.secrets_manager, secret)

    def works(self, secret, stage):
        held = emulator.value(self.secrets_manager, secret, VersionStage=stage)
        return emulator.signs_in(self.atlas, held["clientId"], held["clientSecret"])


def no_error(answer, world):
    yield "no error", not isinstance(answer, dict) or "errorType" not in answer


def created(answer, world):
    yield from no_error(answer, world)
    yield "a value is pending", world.stages("demo/attached").get("AWSPENDING") == TOKEN and world.works("demo/attached", "AWSPENDING")
    yield "current still works", world.works("demo/attached", "AWSCURRENT")


def finished(answer, world):
    yield from no_error(answer, world)
    yield "current is the new version", world.stages("demo/attached")["AWSCURRENT"] == TOKEN
    yield "current works", world.works("demo/attached", "AWSCURRENT")
    yield "previous works too", world.works("demo/attached", "AWSPREVIOUS")


def report(action, dry, names):
    def check(answer, world):
        yield from no_error(answer, world)
        yield f"a report of {action}", answer.get("action") == action and bool(answer.get("dryRun")) == dry
        yield "nothing failed", answer.get("failed") == []
        yield "nothing unfinished", answer.get("unfinished") == 0
        yield f"about {len(names)} accounts", {a.get("name") for a in answer.get("accounts", [])} == names
    return check


def did(answer, name, verb):
    account = next((a for a in answer.get("accounts", []) if a.get("name") == name), {})
    return any(action.startswith(verb) for action in account.get("actions", []))


def rotated(action, name, names):
    def check(answer, world):
        yield from report(action, False, names)(answer, world)
        yield "created", did(answer, name, "created")
        yield "promoted", did(answer, name, "promoted")
        yield "current works", world.works(name, "AWSCURRENT")
        yield "previous works too", world.works(name, "AWSPREVIOUS")
    return check


def would_rotate(action, name, names):
    def check(answer, world):
        yield from report(action, True, names)(answer, world)
        yield "would create", did(answer, name, "created")
        yield "did nothing", "AWSPREVIOUS" not in world.stages(name)
    return check


def revoked(answer, world):
    yield from report("rotate", False, {"demo/leaked"})(answer, world)
    yield "says that it has revoked", did(answer, "demo/leaked", "deleted")
    yield "current works", world.works("demo/leaked", "AWSCURRENT")
    yield "previous works no more", not world.works("demo/leaked", "AWSPREVIOUS")


def nothing_twice(answer, world):
    yield from report("sweep", False, MANAGED)(answer, world)
    yield "nothing is created again", not any(did(answer, name, "created") for name in MANAGED)


def batch(answer, world):
    yield from no_error(answer, world)
    yield "no message failed", answer.get("batchItemFailures") == []


def refused(answer, world):
    yield "an error of the kind Configuration", str(answer.get("errorType", "")).endswith("Configuration")


STORY = {
    "step-createSecret": created,
    "step-setSecret": no_error,
    "step-testSecret": no_error,
    "step-finishSecret": finished,
    "status": report("status", False, MANAGED),
    "rotate-dry-run": would_rotate("rotate", "demo/standalone", {"demo/standalone"}),
    "rotate": rotated("rotate", "demo/standalone", {"demo/standalone"}),
    "rotate-revoke-old": revoked,
    "sweep-dry-run": would_rotate("sweep", "demo/due", MANAGED),
    "sweep": rotated("sweep", "demo/due", MANAGED),
    "schedule-rule": nothing_twice,
    "sqs": batch,
    "unknown": refused,
}


def main():
    if sys.argv[1] == "list":
        files = {path.stem for path in EVENTS.glob("*.json")} - {"env"}
        if files != set(STORY):
            raise SystemExit(f"events/ and the story differ: {sorted(files ^ set(STORY))}")
        print("\n".join(STORY))
        return
    name, answered, atlas, secrets_manager = sys.argv[2:]
    text = pathlib.Path(answered).read_text(encoding="utf-8").strip()
    try:
        answer = json.loads(text) if text else None
        wrong = [what for what, holds in STORY[name](answer, World(atlas, secrets_manager)) if not holds]
    except (ValueError, KeyError, AttributeError, emulator.Refused) as error:
        wrong = [f"the answer cannot be read: {error!r}"]
    if wrong:
        print(f"FAIL {name}: not so: {'; '.join(wrong)}\n     answer: {text[:1500]}")
        raise SystemExit(1)
    print(f"PASS {name}")


if __name__ == "__main__":
    main()
