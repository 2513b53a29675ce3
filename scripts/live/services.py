"""Everything that verify-live says to the outside: the screen, Atlas, and AWS by its command line."""

import base64
import contextlib
import http.client
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.parse
import urllib.request

# As the function sends it: the one version that has the operations on secrets of service accounts.
VERSION = "application/vnd.atlas.2024-08-05+json"
# A day more than a create leaves to the other secret. What could not be deleted lives no longer.
LIFETIME_HOURS = 8 * 24


class Trouble(Exception):
    """Something did not work; the text says what, without any secret."""


class AwsError(Trouble):
    def __init__(self, operation, code, message):
        super().__init__(f"{operation}: {code}: {message}")
        self.code, self.message = code, message


class Screen:
    """The only way out: no value that was given to `hide` is ever printed."""

    def __init__(self):
        self.hidden = set()

    def hide(self, value):
        self.hidden.add(value)
        return value

    def say(self, text=""):
        for value in sorted(self.hidden, key=len, reverse=True):
            text = text.replace(value, "[hidden]")
        with contextlib.suppress(OSError):  # a terminal that is gone does not keep the cleanup from running
            print(re.sub(r"mdb_sa_sk_\w+", "[hidden]", text), flush=True)


class Answer:
    """An answer of Atlas. Its text is its status and its code."""

    def __init__(self, status, headers, content):
        self.status, self.headers = status, headers
        try:
            self.body = json.loads(content or b"{}")
        except ValueError:
            self.body = {}

    def __str__(self):
        code = self.body.get("errorCode") or self.body.get("error")
        return f"{self.status} {code}" if code else str(self.status)

    def expect(self, what, *statuses):
        if self.status not in statuses:
            raise Trouble(f"Atlas answered {self} to {what}")
        return self.body


class NoRedirect(urllib.request.HTTPRedirectHandler):
    """The target of a redirect would get the credential."""

    def redirect_request(self, *_):
        return None


class Atlas:
    def __init__(self, base, screen):
        self.base, self.screen = base.rstrip("/"), screen
        address = urllib.parse.urlsplit(self.base)
        if address.scheme != "https" and (address.scheme, address.hostname) not in (("http", "127.0.0.1"), ("http", "localhost")):
            raise Trouble("ATLAS_BASE_URL must be https; plain http only to a loopback address. Nothing was begun")

    def send(self, method, path, headers, content=None, *handlers):
        agent = {"User-Agent": f"atlas-secret-rotator-verify-live/1 ({sys.platform})"}
        request = urllib.request.Request(self.base + path, data=content, headers=agent | headers, method=method)
        try:
            with urllib.request.build_opener(NoRedirect, *handlers).open(request, timeout=30) as answer:
                return Answer(answer.status, answer.headers, answer.read())
        except urllib.error.HTTPError as error:
            return Answer(error.code, error.headers, error.read() if error.fp else b"")
        except (OSError, http.client.HTTPException) as error:
            raise Trouble(f"Atlas did not answer to {method} {path.split('?')[0]}: {type(error).__name__}") from None

    def oauth(self, what, client, value, **form):
        pair = self.screen.hide(base64.b64encode(f"{client}:{value}".encode()).decode())
        headers = {"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"}
        return self.send("POST", f"/api/oauth/{what}", headers, urllib.parse.urlencode(form).encode())

    def mint(self, client, value):
        """The token endpoint's answer; its token is hidden."""
        answer = self.oauth("token", client, value, grant_type="client_credentials")
        if "access_token" in answer.body:
            self.screen.hide(answer.body["access_token"])
        return answer

    def token(self, client, value):
        return Token(self.mint(client, value).expect("a request for a token", 200)["access_token"])

    def revoke(self, client, value, token):
        self.oauth("revoke", client, value, token=token.value, token_type_hint="access_token").expect("a revocation", 200)

    def authenticates(self, client, value):
        return self.mint(client, value).status == 200


class Token:
    handlers = ()

    def __init__(self, value):
        self.value = value

    def headers(self):
        return {"Authorization": f"Bearer {self.value}"}


class ServiceAccount:
    """A new token every half hour: the cleanup must have one that lives."""

    handlers = ()

    def __init__(self, atlas, client, value):
        self.atlas, self.client, self.value = atlas, client, value
        self.mint()

    def mint(self):
        self.token, self.minted = self.atlas.token(self.client, self.value), time.monotonic()

    def headers(self):
        if time.monotonic() - self.minted > 1800:
            self.mint()
        return self.token.headers()

    def revoke(self):
        self.atlas.revoke(self.client, self.value, self.token)


class ApiKey:
    def __init__(self, atlas, public, private):
        self.known = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        self.known.add_password(None, atlas.base, public, private)

    @property
    def handlers(self):
        """New ones for each call: they remember how often they were refused."""
        return (urllib.request.HTTPDigestAuthHandler(self.known),)

    def headers(self):
        return {}


class Project:
    """An Atlas project's service accounts, by one credential."""

    def __init__(self, atlas, project, credential):
        self.atlas, self.id, self.credential, self.root = atlas, project, credential, f"/api/atlas/v2/groups/{project}"

    def call(self, method, path="", body=None, accept=VERSION):
        headers = {"Accept": accept} | self.credential.headers()
        if body is None:
            return self.atlas.send(method, self.root + path, headers, None, *self.credential.handlers)
        headers["Content-Type"] = VERSION
        return self.atlas.send(method, self.root + path, headers, json.dumps(body).encode(), *self.credential.handlers)

    def read(self):
        return self.call("GET").expect("a read of the project", 200)

    def accounts(self):
        """Of all service accounts: (name, client id)."""
        found, page = [], 1
        while True:
            path = f"/serviceAccounts?itemsPerPage=500&pageNum={page}"
            some = self.call("GET", path).expect("a list of the service accounts", 200)["results"]
            found += [(one.get("name"), one["clientId"]) for one in some]
            if len(some) < 500:
                return found
            page += 1

    def create_account(self, name, description):
        """(client id, its first secret's id, that one's value)"""
        made = self.call("POST", "/serviceAccounts", {
            "name": name, "description": description, "roles": ["GROUP_OWNER"], "secretExpiresAfterHours": LIFETIME_HOURS,
        }).expect("a create of a service account", 201)
        first = made["secrets"][0]
        return made["clientId"], first["id"], self.atlas.screen.hide(first["secret"])

    def delete_account(self, name):
        """By its name and from a list, since a create's answer may be lost."""
        for found, client in self.accounts():
            if found == name:
                self.call("DELETE", f"/serviceAccounts/{client}").expect("a delete of a service account", 204, 404)
        if name in dict(self.accounts()):
            raise Trouble("it is still in the project's list")

    def get(self, client, accept=VERSION):
        return self.call("GET", f"/serviceAccounts/{client}", accept=accept)

    def account(self, client):
        return self.get(client).expect("a read of a service account", 200)

    def secret(self, client, secret):
        return next(one for one in self.account(client)["secrets"] if one["id"] == secret)

    def create(self, client, hours=LIFETIME_HOURS):
        answer = self.call("POST", f"/serviceAccounts/{client}/secrets", {"secretExpiresAfterHours": hours})
        if "secret" in answer.body:
            self.atlas.screen.hide(answer.body["secret"])
        return answer

    def delete(self, client, secret):
        return self.call("DELETE", f"/serviceAccounts/{client}/secrets/{secret}")


class Aws:
    """The AWS command line, version 1 or 2."""

    def __init__(self):
        # Atlas's admin credential is none of its business.
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("MONGODB_ATLAS_")} | {"AWS_PAGER": ""}
        self.endpoint = os.environ.get("AWS_ENDPOINT_URL")

    def run(self, operation, content, *arguments):
        # In a session of its own, so that an interrupt from the terminal does not end a call of the cleanup.
        done = subprocess.run(["aws", *arguments, "--output", "json"], input=content, capture_output=True, env=self.environment,
                              start_new_session=True)
        if done.returncode != 0:
            text = done.stderr.decode("utf-8", "replace").strip()
            error = re.search(r"\((\w[\w.]*)\) when calling the \w+ operation[^:]*: (.*)", text, re.DOTALL)
            raise AwsError(operation, *(error.groups() if error else ("Error", text[-300:])))
        return json.loads(done.stdout or b"{}")

    def __call__(self, service, operation, value=None, **members):
        """The value of a stored secret goes in through a pipe, and by no other way."""
        arguments = [service, re.sub(r"(?<!^)(?=[A-Z])", "-", operation).lower(), "--cli-input-json", json.dumps(members)]
        if value is not None:
            arguments += ["--secret-string", "file:///dev/stdin"]
        if service == "sqs" and self.endpoint:  # version 1 has an address of its own for SQS
            arguments += ["--endpoint-url", self.endpoint]
        return self.run(operation, b"" if value is None else json.dumps(value).encode(), *arguments)

    def invoke(self, function, event, *options):
        """The function's answer."""
        with tempfile.TemporaryDirectory() as folder:
            file = pathlib.Path(folder) / "answer.json"
            # The command line repeats a call whose answer takes longer than its read time-out.
            told = self.run("Invoke", json.dumps(event).encode(), "lambda", "invoke", "--function-name", function,
                            "--payload", "fileb:///dev/stdin", "--cli-read-timeout", "910", *options, str(file))
            answer = json.loads(file.read_text(encoding="utf-8") or "{}")
        if "FunctionError" in told:
            raise Trouble(f"the function failed: {answer.get('errorType')}: {answer.get('errorMessage')}")
        return answer

    @staticmethod
    @contextlib.contextmanager
    def unless(*codes):
        """Passes over an error with one of these codes."""
        try:
            yield
        except AwsError as error:
            if not any(code in error.code for code in codes):
                raise
