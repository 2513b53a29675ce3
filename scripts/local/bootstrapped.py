"""Accounts without any Atlas secret: their stored values get one by the admin credential, and Terraform never sees it.

usage: bootstrapped.py prepare ENDPOINT ATLAS CREDENTIALS_FILE   the admin credential stored, the other accounts emptied; prints
                                                                 Terraform's variables about them
       bootstrapped.py check ENDPOINT ATLAS ALIAS_ARN STATE_FILE
       bootstrapped.py planned                                   reads a plan as JSON: nothing may be changed
"""

import json
import pathlib
import sys

import emulator
from deployed import say, wait

ATTACHED, SWEPT = "demo/attached", "demo/swept"


def prepare(endpoint, atlas, credentials):
    admin, *accounts = json.loads(pathlib.Path(credentials).read_text(encoding="utf-8"))
    for account in accounts:
        emulator.delete_atlas_secret(atlas, admin, account["clientId"], account["secretId"])
    stored = emulator.secrets_manager(
        endpoint, "CreateSecret", Name="atlas/admin", ClientRequestToken="b0000000-0000-4000-8000-000000000000",
        SecretString=json.dumps({name: admin[name] for name in ("clientId", "clientSecret")}),
    )
    print(json.dumps({
        "admin_secret_arn": stored["ARN"], "project_id": admin["groupId"], "client_ids": [one["clientId"] for one in accounts],
    }))


def check(endpoint, atlas, alias, state):
    say("attaching has started the first rotation", wait(lambda: "clientSecret" in value(endpoint, ATTACHED), seconds=90))
    works(endpoint, atlas, ATTACHED)
    say("what is not attached waits for the sweep", "clientSecret" not in value(endpoint, SWEPT))
    report = emulator.invoke(endpoint, alias, {"action": "sweep"})
    say("the sweep reports no failure", "failed" not in report["states"] and report["unfinished"] == 0)
    works(endpoint, atlas, SWEPT)

    known = pathlib.Path(state).read_text(encoding="utf-8")
    secrets = [value(endpoint, name)["clientSecret"] for name in (ATTACHED, SWEPT)]
    say("Terraform's state knows both accounts", all(f"secret:{name}-" in known for name in (ATTACHED, SWEPT)))
    say("and no client secret", "clientSecret" not in known and not any(secret in known for secret in secrets))


def planned():
    """LocalStack keeps a rotation's days and not its schedule expression, and says then that there is no rotation."""
    changes = json.load(sys.stdin)["resource_changes"]
    changed = [one["address"] for one in changes if one["change"]["actions"] != ["no-op"] and one["type"] != "aws_secretsmanager_secret_rotation"]
    for address in changed:
        print(f"     would change: {address}")
    say(f"after both have rotated, a second plan changes none of {len(changes)} resources", changed == [])


def value(endpoint, name):
    return emulator.value(endpoint, name, VersionStage="AWSCURRENT")


def works(endpoint, atlas, name):
    held = value(endpoint, name)
    say(f"{name}: its value authenticates at Atlas", emulator.authenticates(atlas, held["clientId"], held["clientSecret"]))


if __name__ == "__main__":
    {"prepare": prepare, "check": check, "planned": planned}[sys.argv[1]](*sys.argv[2:])
