"""Plays verify-live.sh on LocalStack and the stand-ins: to its end, and interrupted. Checks its table, that no secret is in what
it prints, and that it leaves nothing behind.

usage: verified.py ENDPOINT ATLAS CREDENTIALS_FILE STACK
"""

import json
import os
import pathlib
import signal
import subprocess
import sys

import emulator
from deployed import say

SCRIPTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(SCRIPTS / "live"))
from record import ASSUMPTIONS  # noqa: E402

# Where the emulators do not confirm: nothing is assumed, LocalStack leaves AWSPENDING on a version that it has promoted, and the
# stand-in of Atlas answers two creates one after the other.
OTHERWISE = {name: "seen" for name in ("used", "third", "paste", "report_lines")} | {"label": "refuted", "concurrent": "not seen"}


class Live:
    def __init__(self, endpoint, atlas, credentials, stack):
        self.endpoint, self.atlas = endpoint, atlas
        self.admin = json.loads(pathlib.Path(credentials).read_text(encoding="utf-8"))[0]
        function = emulator.stack_outputs(endpoint, stack)["RotationLambdaArn"]
        self.command = [SCRIPTS / "verify-live.sh", "--function", function, "--project", self.admin["groupId"], "--report", "--yes", "--patience", "30"]
        self.environment = os.environ | {
            "AWS_ENDPOINT_URL": endpoint, "ATLAS_BASE_URL": atlas,
            "MONGODB_ATLAS_CLIENT_ID": self.admin["clientId"], "MONGODB_ATLAS_CLIENT_SECRET": self.admin["clientSecret"],
        }

    def play(self, until=None):
        """(exit status, what it has printed). Ends it by a signal once it has printed a line with this text."""
        with subprocess.Popen(self.command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as live:
            printed = ""
            for line in live.stdout:
                printed += line
                if until and until in line:
                    live.send_signal(signal.SIGTERM)
        self.check_no_secret(printed)
        self.check_nothing_left(printed)
        return live.returncode, printed

    def check_no_secret(self, printed):
        # How a secret, a token of the stand-in and a Basic credential begin.
        begins = [text for text in ("mdb_sa_sk_", "eyJ", "bWRiX3Nh", self.admin["clientSecret"]) if text in printed]
        say("no secret, token or Basic credential is in its output", begins == [])

    def check_nothing_left(self, printed):
        with emulator.admin_api(self.atlas, self.admin, "GET", "") as answer:
            left = [one["name"] for one in json.load(answer)["results"]]
        left += [one["Name"] for one in emulator.secrets_manager(self.endpoint, "ListSecrets")["SecretList"]]
        left += emulator.sqs(self.endpoint, "ListQueues")["QueueUrls"]
        left += [one["Name"] for one in emulator.events(self.endpoint, "ListRules")["Rules"]]
        say("nothing of it is left, and it says so", not any("verify-live" in name for name in left) and "LEFT" not in printed)


def verified(live):
    status, printed = live.play()
    wrong = [name for name, what in ASSUMPTIONS.items() if f"| {what} | {OTHERWISE.get(name, 'confirmed')} |" not in printed]
    if wrong:
        print(printed)
    say(f"of {len(ASSUMPTIONS)} assumptions each has the verdict that it has here{': not ' if wrong else ''}{', '.join(wrong)}", wrong == [])
    say("what is refuted is in its exit status", status == 1)
    status, printed = live.play(until=ASSUMPTIONS["alias"])
    say("interrupted after a rotation, it cleans up and prints what it has seen", status == 1 and printed.count("| confirmed |") > 10)


if __name__ == "__main__":
    verified(Live(*sys.argv[1:]))
