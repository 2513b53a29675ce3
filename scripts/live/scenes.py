"""What verify-live does with the two service accounts and the stored secret that it makes."""

import concurrent.futures
import datetime
import json
import re

from record import after
from services import VERSION, AwsError, Project, Trouble

LATER_VERSION = "application/vnd.atlas.2025-03-12+json"
WEEK = datetime.timedelta(days=7)
MADE_BY = "Made by verify-live.sh, which deletes it at its end"


class AtlasScenes:
    """An account that no stored secret holds."""

    def __init__(self, record, admin, name):
        self.record, self.admin, self.atlas, self.name = record, admin, admin.atlas, name

    def reads(self):
        self.client, self.first, self.value = self.admin.create_account(self.name, MADE_BY)
        created = self.admin.account(self.client)["secrets"][0]
        self.record.note("unused", created.get("lastUsedAt") is None, json.dumps(created.get("lastUsedAt")))
        minted = self.atlas.mint(self.client, self.value)
        self.record.note("token", minted.body.get("expires_in") == 3600, f"{minted}, expires_in {minted.body.get('expires_in')}")
        self.token = self.atlas.token(self.client, self.value)
        self.own = Project(self.atlas, self.admin.id, self.token)
        took = self.record.until(lambda: self.admin.secret(self.client, self.first).get("lastUsedAt"))
        if took is None:
            self.record.note("used", "not seen", f"null for {self.record.patience} s")
        else:
            self.record.note("used", "seen", f"there {after(took)}")

        same = self.own.get(self.client)
        if same.status == 403:
            raise Trouble(f"Atlas answered {same}: does an access list keep this machine's address out? See docs/network.md")
        self.record.note("accept", same.status == 200, f"{same}, {same.headers.get('Content-Type')}")
        whole = re.fullmatch(r"[\d-]+T[\d:]+Z", created["createdAt"]) is not None
        self.record.note("times", whole and "Date" in same.headers,
                         f"as {re.sub('[0-9]', '0', created['createdAt'])}, {'with' if 'Date' in same.headers else 'without'} Date")
        self.record.note("roles", "GROUP_OWNER" in same.body.get("roles", []), json.dumps(same.body.get("roles")))
        later = self.own.get(self.client, accept=LATER_VERSION)
        self.record.note("accept_later", later.status == 200, f"{later}, {later.headers.get('Content-Type')}")
        none = self.own.get(self.client, accept="application/json")
        self.record.note("accept_none", none.status in (400, 406), str(none))
        asked = self.atlas.send("GET", self.own.root, {"Accept": VERSION}).headers.get_all("WWW-Authenticate") or ["nothing"]
        self.record.note("challenge", len(asked) == 1 and all(word in asked[0] for word in ("Digest ", "algorithm=MD5", 'qop="auth"')),
                         "; ".join(re.sub(r'nonce="[^"]*"', "nonce=…", one) for one in asked))

        other = self.atlas.token(self.client, self.value)
        self.atlas.revoke(self.client, self.value, other)
        took = self.record.until(lambda: Project(self.atlas, self.admin.id, other).get(self.client).status == 401)
        self.record.note("token_revoked", took is not None, after(took))

    def slots(self):
        too_long = self.own.create(self.client, 8761)
        self.record.note("too_long", too_long.status == 400, str(too_long))
        if too_long.status == 201:
            self.admin.delete(self.client, too_long.body["id"])

        second = self.own.create(self.client).expect("a create of a secret", 201)
        took = self.record.until(lambda: self.atlas.authenticates(self.client, second["secret"]))
        self.record.note("at_once", took is not None and took < 1, after(took))
        read = self.own.secret(self.client, second["id"])
        mask = read.get("maskedSecretValue") or ""
        self.record.note("value_once", "maskedSecretValue" not in second and "secret" not in read and mask != "",
                         f"the mask {'shows' if mask and second['secret'].endswith(mask[-4:]) else 'does not show'} the value's last 4 characters")
        left = time(self.own.secret(self.client, self.first)["expiresAt"]) - time(second["createdAt"])
        self.record.note("shortened", abs(left - WEEK) <= datetime.timedelta(minutes=1), f"it expires {left} after the create")
        third = self.own.create(self.client)
        kept = len(self.own.account(self.client)["secrets"])
        self.record.note("third", "seen" if third.status >= 400 and kept == 2 else False, f"{third}; it has {kept} secrets then")

        self.admin.delete(self.client, self.first).expect("a delete of a secret", 204)
        took = self.record.until(lambda: self.own.get(self.client).status == 401)
        self.record.note("deleted_token", took is not None, after(took))
        rejected = self.atlas.mint(self.client, self.value)
        self.record.note("deleted_value", rejected.status == 401 and rejected.body.get("error") == "invalid_client", str(rejected))
        again = self.admin.delete(self.client, self.first)
        self.record.note("deleted_again", again.status == 404, str(again))
        last = self.admin.delete(self.client, second["id"])
        self.record.note("last_deleted", last.status == 204, str(last))
        read = self.admin.account(self.client)
        form = json.dumps(read["secrets"]) if "secrets" in read else "absent"
        self.record.note("no_secrets", form in ("absent", "null", "[]"), form)

        with concurrent.futures.ThreadPoolExecutor(2) as both:
            creates = list(both.map(lambda _: self.admin.create(self.client), range(2)))
        collided = any(answer.status == 409 for answer in creates)
        self.record.note("concurrent", "confirmed" if collided else "not seen", " and ".join(str(answer) for answer in creates))


def time(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class DeploymentScenes:
    """A stored secret that the deployed function manages."""

    def __init__(self, record, admin, account_name, aws, deployment):
        self.record, self.admin, self.atlas, self.account_name = record, admin, admin.atlas, account_name
        self.aws, self.deployment, self.name = aws, deployment, deployment.stored_name

    def stored(self, operation, **members):
        return self.aws("secretsmanager", operation, SecretId=self.name, **members)

    def stages(self):
        return {stage: version for version, stages in self.stored("DescribeSecret")["VersionIdsToStages"].items() for stage in stages}

    def value(self, stage="AWSCURRENT"):
        value = json.loads(self.stored("GetSecretValue", VersionStage=stage)["SecretString"])
        self.record.screen.hide(value["clientSecret"])
        return value

    def works(self, value):
        return self.atlas.authenticates(value["clientId"], value["clientSecret"])

    def ask(self, action, **members):
        """The function does it; what its report says about the stored secret."""
        which = {"secretId": self.name} if action == "rotate" else {"secretIds": [self.name]}
        accounts = self.aws.invoke(self.deployment.alias, {"action": action} | which | members)["accounts"]
        if not accounts:
            raise Trouble(f"the function's {action} does not report the stored secret")
        return accounts[0]

    def delete(self):
        with self.aws.unless("ResourceNotFoundException"):
            if "DeletedDate" not in self.stored("DescribeSecret"):
                with self.aws.unless("InvalidRequestException"):  # no rotation is configured yet
                    self.stored("CancelRotateSecret")
            self.stored("DeleteSecret", ForceDeleteWithoutRecovery=True)

    def check(self):
        self.client, secret, value = self.admin.create_account(self.account_name, MADE_BY)
        self.aws("secretsmanager", "CreateSecret", Name=self.name, Description=MADE_BY, Tags=[{"Key": self.deployment.tag, "Value": self.client}],
                 value={"clientId": self.client, "clientSecret": value, "groupId": self.admin.id, "secretId": secret})
        entry = self.ask("check")
        self.record.note("check", entry["ready"], state(entry))
        if not entry["ready"]:
            for finding in entry["findings"]:
                self.record.screen.say(f"    {finding['code']}: {finding['message']} {finding['remedy']}")
            raise Trouble("an account that is not ready cannot rotate")

    def rotation(self):
        before = self.stages()["AWSCURRENT"]
        try:
            self.stored("RotateSecret", RotationLambdaARN=self.deployment.alias, RotationRules={"AutomaticallyAfterDays": 30})
        except AwsError as error:
            self.record.note("alias", False, str(error))
            raise
        took = self.record.until(lambda: self.stages()["AWSCURRENT"] != before)
        if took is None:
            self.record.note("alias", False, f"AWSCURRENT did not move in {self.record.patience} s")
            raise Trouble("nothing has rotated; the function's log says why")
        kept = self.stored("DescribeSecret")
        as_given = kept["RotationLambdaARN"] == self.deployment.alias
        self.record.note("alias", as_given, f"AWSCURRENT moved after {took:.0f} s; kept {'as given' if as_given else 'otherwise'}")
        still = any("AWSPENDING" in stages for stages in kept["VersionIdsToStages"].values())
        self.record.note("label", not still, "AWSPENDING is still there" if still else "AWSPENDING is gone")
        old, new = self.value("AWSPREVIOUS"), self.value()
        both = [self.works(old), self.works(new)]
        self.record.note("overlap", both == [True, True] and old["clientSecret"] != new["clientSecret"],
                         " and ".join(f"the {which} one {'does' if works else 'does not'}" for which, works in zip(("old", "new"), both)))
        entry = self.ask("sweep")
        self.record.note("sweep", entry["state"] != "failed" and entry["actions"] == [], state(entry))

    def revocation(self):
        old, new = self.value("AWSPREVIOUS"), self.value()
        entry = self.ask("rotate", revokeOld=True)
        self.record.note("revoke_old", self.value() == new and self.works(new) and not self.works(old), actions(entry))
        entry = self.ask("rotate", leaked=new["secretId"])
        newest = self.value()
        self.record.note("leaked", newest["clientSecret"] != new["clientSecret"] and self.works(newest) and not self.works(new), actions(entry))

    def paste(self):
        """A second secret of somebody else's makes a rotation fail before it has stored anything."""
        foreign = self.admin.create(self.client).expect("a create of a secret", 201)
        self.atlas.token(self.client, foreign["secret"])
        current = self.stages()["AWSCURRENT"]
        self.stored("RotateSecret")
        if self.record.until(lambda: self.stages().get("AWSPENDING", current) != current) is None:
            raise Trouble("RotateSecret has put no version under AWSPENDING")
        self.record.pause()
        empty = self.stages()["AWSPENDING"]
        try:
            self.stored("GetSecretValue", VersionId=empty, VersionStage="AWSPENDING")
            self.record.note("empty_pending", False, "it can be read")
        except AwsError as error:
            self.record.note("empty_pending", error.code == "ResourceNotFoundException", error.code)
        try:
            answered = self.stored("RotateSecret")["VersionId"]
            self.record.note("rotate_again", False, f"success, with {'the same' if answered == empty else 'another'} version")
        except AwsError as error:
            self.record.note("rotate_again", "previous rotation" in error.message.lower(), f"{error.code}: {error.message}")

        self.stored("PutSecretValue", value=self.value() | {"pasted": "true"})
        at_once = self.pending(empty)
        self.record.pause()
        self.record.note("paste", "seen", f"{at_once}; some seconds later {self.pending(empty)}")
        entry = self.ask("sweep")
        there = any(one["id"] == foreign["id"] for one in self.admin.account(self.client)["secrets"])
        self.record.note("foreign", there and entry["findings"] != [], f"{'kept' if there else 'gone'}; {state(entry)}")

    def pending(self, empty):
        on = self.stages().get("AWSPENDING")
        return "AWSPENDING is gone" if on is None else "it is on the empty version" if on == empty else "it is on another version"


def state(entry):
    return f"state {entry['state']}, " + (", ".join(finding["code"] for finding in entry["findings"]) or "no findings")


def actions(entry):
    return ", ".join(" ".join(filter(None, (one["type"], one.get("reason")))) for one in entry["actions"]) or "no actions"


class ReportScene:
    """A queue behind a rule of its own gets the text that examples/notify would mail."""

    def __init__(self, record, aws, deployment):
        self.record, self.aws, self.deployment = record, aws, deployment
        self.name = re.sub(r"[^\w-]", "-", deployment.stored_name)
        self.bus = "default"

    def find_bus(self):
        config = self.aws("lambda", "GetFunctionEventInvokeConfig", FunctionName=self.deployment.alias)
        self.bus = config["DestinationConfig"]["OnSuccess"]["Destination"].split("/")[-1]

    def report(self):
        self.find_bus()
        arn, rule = self.arn("sqs", self.name), self.arn("events", "rule/" + self.name if self.bus == "default" else f"rule/{self.bus}/{self.name}")
        policy = {"Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Principal": {"Service": "events.amazonaws.com"}, "Action": "sqs:SendMessage", "Resource": arn,
            "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
        }]}
        queue = self.aws("sqs", "CreateQueue", QueueName=self.name, Attributes={"Policy": json.dumps(policy)})["QueueUrl"]
        self.aws("events", "PutRule", Name=self.name, EventBusName=self.bus, EventPattern=json.dumps({
            "source": ["lambda"], "detail-type": ["Lambda Function Invocation Result - Success"],
            "detail": {"requestContext": {"functionArn": [{"prefix": self.deployment.function_arn() + ":"}]}},
        }))
        self.aws("events", "PutTargets", Rule=self.name, EventBusName=self.bus, Targets=[{"Id": "queue", "Arn": arn, "InputTransformer": {
            "InputPathsMap": {"notify": "$.detail.responsePayload.notify", "summary": "$.detail.responsePayload.summary"},
            "InputTemplate": '"<notify>: <summary>"',
        }}])
        self.aws.invoke(self.deployment.alias, {"action": "sweep", "secretIds": [self.deployment.stored_name]}, "--invocation-type", "Event")
        mine = []
        took = self.record.until(lambda: mine.extend(self.received(queue)) or mine, every=0)
        if took is None:
            self.record.note("report", "not seen", f"nothing for {self.record.patience} s")
            return
        self.record.note("report", True, after(took))
        lines = "as line breaks" if "\n" in mine[0].strip() else "as \\n, two characters" if "\\n" in mine[0] else "it has one line"
        self.record.note("report_lines", "seen", lines)

    def arn(self, service, what):
        return ":".join((*self.deployment.alias.split(":")[:2], service, *self.deployment.alias.split(":")[3:5], what))

    def received(self, queue):
        """Reports of other sweeps pass here too."""
        messages = self.aws("sqs", "ReceiveMessage", QueueUrl=queue, WaitTimeSeconds=5).get("Messages", [])
        return [one["Body"] for one in messages if self.deployment.stored_name in one["Body"]]

    def delete(self):
        with self.aws.unless("ResourceNotFoundException"):
            self.aws("events", "RemoveTargets", Rule=self.name, EventBusName=self.bus, Ids=["queue"])
            self.aws("events", "DeleteRule", Name=self.name, EventBusName=self.bus)
        with self.aws.unless("NonExistentQueue", "QueueDoesNotExist"):
            self.aws("sqs", "DeleteQueue", QueueUrl=self.aws("sqs", "GetQueueUrl", QueueName=self.name)["QueueUrl"])
