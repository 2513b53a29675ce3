"""Tries a deployment out on the real services, and prints what was seen of each assumption that only they can settle.

For the first user with an AWS account and an Atlas project to throw away. Everything that it changes it has made itself: two
service accounts in the Atlas project and one stored secret, all with one random name (with --report also a queue and a rule).
They are deleted at the end, whatever happens, and what could not be deleted is named. It asks before it begins, and does not
begin in a project that has clusters.

The admin credential comes from the environment, under the names that MongoDB's own tools read: MONGODB_ATLAS_CLIENT_ID and
MONGODB_ATLAS_CLIENT_SECRET (a service account), or MONGODB_ATLAS_PUBLIC_API_KEY and MONGODB_ATLAS_PRIVATE_API_KEY. It needs
the role Project Owner. It is sent to Atlas alone (ATLAS_BASE_URL, https://cloud.mongodb.com unless it is set).

AWS is called by the AWS command line, with its credentials and region. They need lambda:GetAlias, GetFunctionConfiguration
and InvokeFunction, and secretsmanager:CreateSecret, TagResource, DescribeSecret, GetSecretValue, PutSecretValue, RotateSecret,
CancelRotateSecret and DeleteSecret. With --report also lambda:GetFunctionEventInvokeConfig, events:PutRule, PutTargets,
RemoveTargets and DeleteRule, and sqs:CreateQueue, GetQueueUrl, ReceiveMessage and DeleteQueue.

No secret value is printed, written to a file or passed as an argument. The table holds no ids of yours.

exit status: 0 nothing is refuted, 1 something is refuted or a part did not run, 2 not begun, 3 something is left behind
"""

import argparse
import os
import re
import secrets
import signal
import sys
import time

from record import Record
from scenes import AtlasScenes, DeploymentScenes, ReportScene
from services import ApiKey, Atlas, Aws, Project, Screen, ServiceAccount, Trouble


class Deployment:
    """The function that is tried out, and the name of what is made for it."""

    def __init__(self, aws, function):
        named = re.fullmatch(r"((?:arn:[^:]+:lambda:[^:]+:\d+:function:)?[^:]+)(?::([^:]+))?", function)
        if not named:
            raise Trouble("--function is neither a function's name nor its ARN. Nothing was begun")
        name, alias = named.groups()
        found = aws("lambda", "GetAlias", FunctionName=name, Name=alias or "live")
        self.alias = found["AliasArn"]
        self.region, self.owner = self.alias.split(":")[3:5]
        version = aws("lambda", "GetFunctionConfiguration", FunctionName=name, Qualifier=found["FunctionVersion"])
        settings = version["Environment"]["Variables"]
        if settings.get("SWEEP_MODE") == "observe":
            raise Trouble("this deployment observes (SweepMode=observe), so its sweep would not act. Nothing was begun")
        self.tag = settings.get("MANAGED_TAG", "atlas-secret-rotator")
        self.atlas = settings.get("ATLAS_BASE_URL", "https://cloud.mongodb.com")
        self.mark = secrets.token_hex(6)
        self.stored_name = f"{settings.get('SECRET_NAME_PREFIX', '')}verify-live-{self.mark}"

    def function_arn(self):
        return self.alias.rpartition(":")[0]


class Verification:
    def __init__(self, arguments, screen):
        self.arguments, self.screen = arguments, screen
        self.record = Record(screen, arguments.patience)
        self.undo = []  # (what was made, how to delete it by hand, what deletes it), in the order in which it was made

    def prepare(self):
        """Reads only."""
        atlas, self.aws = Atlas(os.environ.get("ATLAS_BASE_URL", "https://cloud.mongodb.com"), self.screen), Aws()
        self.deployment = Deployment(self.aws, self.arguments.function)
        self.admin = Project(atlas, self.arguments.project, self.admin_credential(atlas))
        self.account_names = [f"verify-live-{role}-{self.deployment.mark}" for role in ("probe", "rotated")]
        project = self.admin.read()
        self.screen.say(self.plan(project))
        if project["clusterCount"] != 0:
            raise Trouble(f"the project has {project['clusterCount']} cluster(s), so it is none to throw away. Nothing was begun")
        if not self.arguments.yes:
            if not sys.stdin.isatty():
                raise Trouble("there is no terminal to ask on, and no --yes. Nothing was begun")
            if input("Begin? [y/N] ").strip().lower() not in ("y", "yes"):
                raise Trouble("nothing was begun")

    def admin_credential(self, atlas):
        client, value, public, private = (
            os.environ.get(f"MONGODB_ATLAS_{name}") for name in ("CLIENT_ID", "CLIENT_SECRET", "PUBLIC_API_KEY", "PRIVATE_API_KEY")
        )
        for secret in filter(None, (value, private)):
            self.screen.hide(secret)
        if client and value:
            admin = ServiceAccount(atlas, client, value)
            self.undo.append(("the admin credential's token", "it expires within the hour", admin.revoke))
            return admin
        if public and private:
            return ApiKey(atlas, public, private)
        raise Trouble("no admin credential in the environment: see --help. Nothing was begun")

    def plan(self, project):
        deployment = self.deployment
        return f"""\
This makes, and deletes again within some minutes:
  AWS     account {deployment.owner}, region {deployment.region}{f', at {self.aws.endpoint}' if self.aws.endpoint else ''}
          the stored secret {deployment.stored_name} (tag {deployment.tag}), rotated by
          {deployment.alias}{f'''
          the queue and the rule {deployment.stored_name}''' if self.arguments.report else ''}
  Atlas   {self.admin.atlas.base}, project {project['name']} ({self.admin.id}); the function uses {deployment.atlas}
          the service accounts {' and '.join(self.account_names)}, with the role Project Owner
It touches nothing else: not the project's {len(self.admin.accounts())} other service account(s), and no other stored secret.
If this process is killed (kill -9, the machine), delete by hand what has these names.
It stays: lines in the function's log and metrics, and in CloudTrail's and Atlas's records. One rotation is made to fail, so the
deployment's alarms may go off: where somebody is on call, use a deployment that was made for this.
It costs less than a cent: a stored secret for some minutes, some hundred calls, a minute of Lambda. Atlas charges nothing."""

    def run(self):
        probe, rotated = self.account_names
        at_atlas = AtlasScenes(self.record, self.admin, probe)
        self.will_make(f"the Atlas service account {probe}", "in Atlas", lambda: self.admin.delete_account(probe))
        if self.record.part("what Atlas's reads say", at_atlas.reads):
            self.record.part("an account's two secrets at Atlas", at_atlas.slots)

        deployed = DeploymentScenes(self.record, self.admin, rotated, self.aws, self.deployment)
        name = self.deployment.stored_name
        self.will_make(f"the Atlas service account {rotated}", "in Atlas", lambda: self.admin.delete_account(rotated))
        self.will_make(f"the stored secret {name}", f"aws secretsmanager delete-secret --force-delete-without-recovery --secret-id {name}", deployed.delete)
        ready = self.record.part("a stored secret that the function manages", deployed.check)
        if ready and self.record.part("a rotation by Secrets Manager, and a sweep", deployed.rotation):
            self.record.part("revocation", deployed.revocation)
            self.record.part("a rotation that fails, and a pasted value", deployed.paste)
        if ready and self.arguments.report:
            report = ReportScene(self.record, self.aws, self.deployment)
            self.will_make(f"the queue and the rule {report.name}", "in Amazon SQS and EventBridge", report.delete)
            self.record.part("the report on the bus", report.report)

    def will_make(self, what, by_hand, delete):
        """Said before it is made: the answer to a create may be lost."""
        self.undo.append((what, by_hand, delete))

    def clean_up(self):
        """What was made last goes first. Whether all of it is gone."""
        if self.undo:
            self.screen.say("== cleaning up; an interrupt does not end this")
        gone = [self.delete(*made) for made in reversed(self.undo)]
        return all(gone)

    def delete(self, what, by_hand, delete):
        for pause in (2, 5, 0):
            try:
                delete()
                self.screen.say(f"  gone: {what}")
                return True
            except Exception as failed:  # whatever it is, the others must go
                why = failed if isinstance(failed, Trouble) else type(failed).__name__
                time.sleep(pause)
        self.screen.say(f"  LEFT: {what}: {why}. Delete it by hand: {by_hand}")
        return False

    def table(self):
        self.record.table(f"{self.admin.atlas.base}, {self.deployment.region}")


def project_id(text):
    if not re.fullmatch(r"[a-f0-9]{24}", text):
        raise argparse.ArgumentTypeError("an Atlas project's id is 24 hex digits")
    return text


def arguments():
    parser = argparse.ArgumentParser(prog="verify-live.sh", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--function", required=True, metavar="NAME",
                        help="the deployment's function: its name or ARN; the alias is live, unless one is at its end")
    parser.add_argument("--project", required=True, type=project_id, metavar="ID", help="the Atlas project to throw away")
    parser.add_argument("--report", action="store_true", help="also see whether a report reaches EventBridge, with a queue and a rule for it")
    parser.add_argument("--patience", type=int, default=180, metavar="SECONDS", help="how long to wait for what takes its time (180)")
    parser.add_argument("--yes", action="store_true", help="do not ask before it begins")
    return parser.parse_args()


def interrupted(*_):
    raise KeyboardInterrupt


def main():
    screen = Screen()
    verification = Verification(arguments(), screen)
    for which in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(which, interrupted)
    begun, gone = False, True
    try:
        verification.prepare()
        begun = True
        verification.run()
    except Trouble as trouble:
        screen.say(f"verify-live: {trouble}")
    except KeyboardInterrupt:
        verification.record.complete = False
        screen.say("interrupted")
    finally:
        for which in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(which, signal.SIG_IGN)
        gone = verification.clean_up()
    if not begun:
        return 2
    verification.table()
    if not gone:
        return 3
    return 0 if verification.record.complete and not verification.record.refuted() else 1


if __name__ == "__main__":
    sys.exit(main())
