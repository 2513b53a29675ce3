"""What verify-live sets out to see, and what it has seen."""

import datetime
import re
import time
import traceback

from services import Trouble

ASSUMPTIONS = {
    "accept": "Atlas answers to the version that the function sends",
    "accept_later": "a later version leads to the same one",
    "accept_none": "without a version Atlas refuses (406 or 400)",
    "token": "the token endpoint takes `Accept: application/json`; a token lives an hour",
    "token_revoked": "a token that was revoked is refused",
    "challenge": "without a credential Atlas asks for Digest with MD5 and qop auth, and for nothing else",
    "roles": "`roles` of a project's account, read by itself, has GROUP_OWNER",
    "times": "`createdAt` has whole seconds, and answers have a `Date`",
    "unused": "`lastUsedAt` is null after a create",
    "used": "`lastUsedAt` after a token was minted: how late",
    "too_long": "a lifetime over the maximum is refused (400)",
    "value_once": "the create's answer has `secret` and no mask, later reads the reverse; what the mask shows",
    "at_once": "a new secret authenticates at once",
    "shortened": "a create shortens the other secret's life to 7 days",
    "third": "a third create is refused: status and code",
    "deleted_token": "a token of a deleted secret is refused",
    "deleted_value": "the value of a deleted secret is refused (401 invalid_client)",
    "deleted_again": "a second delete is refused (404): code",
    "last_deleted": "an account's last secret can be deleted",
    "no_secrets": "`secrets` of an account without any: absent, null or []",
    "concurrent": "of two creates at the same time one is refused (409 DATA_CONCURRENCY_ERROR)",
    "check": "the function's `check` finds the account ready",
    "alias": "Secrets Manager calls an alias's ARN as rotation function, and keeps it as it was given",
    "label": "the promotion takes AWSPENDING off",
    "overlap": "after the rotation the old value authenticates as well as the new one",
    "sweep": "a sweep reads the account and leaves it alone",
    "revoke_old": "`revokeOld` deletes the superseded secret, and only that",
    "leaked": "`leaked` replaces the secret in use and deletes it",
    "empty_pending": "a rotation that fails leaves an AWSPENDING that cannot be read (ResourceNotFoundException)",
    "rotate_again": "what RotateSecret answers then (InvalidRequestException: a previous rotation)",
    "paste": "where AWSPENDING is after a value was pasted (PutSecretValue without stages)",
    "foreign": "a secret that somebody else made is reported and kept",
    "report": "Lambda's destination sends a sweep's report to EventBridge",
    "report_lines": "the summary keeps its lines in a rule's text (InputTransformer)",
}


class Record:
    """A verdict is confirmed, refuted, seen (nothing was assumed) or not seen."""

    def __init__(self, screen, patience):
        self.screen, self.patience = screen, patience
        self.seen, self.complete = {}, True

    def note(self, assumption, verdict, text):
        if isinstance(verdict, bool):
            verdict = "confirmed" if verdict else "refuted"
        self.seen[assumption] = (verdict, without_ids(text))
        self.screen.say(f"  {verdict:9}  {ASSUMPTIONS[assumption]}: {text}")

    def part(self, title, play):
        """One part that fails does not keep the next one from running. Whether it ran to its end."""
        self.screen.say(f"== {title}")
        try:
            play()
            return True
        except Trouble as trouble:
            self.screen.say(f"  this part ended early: {trouble}")
        except Exception as unexpected:  # its text may quote an answer
            lines = ", ".join(str(frame.lineno) for frame in traceback.extract_tb(unexpected.__traceback__))
            self.screen.say(f"  this part ended early: an answer is not as expected ({type(unexpected).__name__}, lines {lines})")
        self.complete = False
        return False

    def until(self, holds, every=1):
        """Asks until it holds: after how many seconds it did, or None."""
        began = time.monotonic()
        while True:
            if holds():
                return time.monotonic() - began
            if time.monotonic() - began > self.patience:
                return None
            time.sleep(every)

    def pause(self):
        """For what Secrets Manager does by itself, and tells nobody."""
        time.sleep(self.patience / 10)

    def refuted(self):
        return any(verdict == "refuted" for verdict, _ in self.seen.values())

    def table(self, where):
        self.screen.say(f"\nverify-live at {datetime.datetime.now(datetime.timezone.utc):%Y-%m-%d %H:%M} UTC, {where}\n")
        self.screen.say("| assumption | verdict | seen |\n|---|---|---|")
        for assumption, what in ASSUMPTIONS.items():
            verdict, text = self.seen.get(assumption, ("not seen", "it did not come to it"))
            self.screen.say(f"| {what} | {verdict} | {text.replace('|', '/')} |")


def after(seconds):
    return "never" if seconds is None else "at the first try" if seconds < 1 else f"after {seconds:.0f} s"


def without_ids(text):
    """For what may be shown to others: no ARN, account, name or id."""
    return re.sub(r"arn:\S+|\b\d{12}\b|\b(mdb_sa_id_)?[0-9a-f]{24}\b|\S*verify-live-\S+", "…", " ".join(text.split()))
