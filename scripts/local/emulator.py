"""Calls an emulator of AWS with Python's standard library only: JSON over HTTP, with credentials that no emulator checks."""

import base64
import json
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree

REGION = "eu-central-1"


class Refused(Exception):
    """The response is an error; its text is the service's own."""


def post(url, body, headers, service, method="POST", read=lambda answer: json.loads(answer or b"{}")):
    signed = f"AWS4-HMAC-SHA256 Credential=test/20260101/{REGION}/{service}/aws4_request, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(url, data=body, headers={"Authorization": signed, **headers}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=60) as answer:
            return read(answer.read())
    except urllib.error.HTTPError as error:
        raise Refused(f"{error.code} {error.read().decode('utf-8', 'replace')[:500]}") from None


def secrets_manager(endpoint, operation, **members):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"secretsmanager.{operation}"}
    return post(endpoint, json.dumps(members).encode(), headers, "secretsmanager")


def sqs(endpoint, operation, **members):
    headers = {"Content-Type": "application/x-amz-json-1.0", "X-Amz-Target": f"AmazonSQS.{operation}"}
    return post(endpoint, json.dumps(members).encode(), headers, "sqs")


def invoke(endpoint, function, event):
    url = f"{endpoint}/2015-03-31/functions/{function}/invocations"
    return post(url, json.dumps(event).encode(), {"Content-Type": "application/json"}, "lambda")


def invoke_asynchronously(endpoint, function, event):
    url = f"{endpoint}/2015-03-31/functions/{function}/invocations"
    post(url, json.dumps(event).encode(), {"Content-Type": "application/json", "X-Amz-Invocation-Type": "Event"}, "lambda")


def events(endpoint, operation, **members):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"AWSEvents.{operation}"}
    return post(endpoint, json.dumps(members).encode(), headers, "events")


def logs(endpoint, operation, **members):
    headers = {"Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": f"Logs_20140328.{operation}"}
    return post(endpoint, json.dumps(members).encode(), headers, "logs")


def query(endpoint, service, operation, version, **members):
    """A call of a service whose answers are XML."""
    asked = urllib.parse.urlencode({"Action": operation, "Version": version, **members}).encode()
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return post(endpoint, asked, headers, service, read=xml.etree.ElementTree.fromstring)


def alarms(endpoint):
    """Of each alarm: its name, and the metrics that it reads, as (namespace, name, dimensions)."""
    answer = query(endpoint, "monitoring", "DescribeAlarms", "2010-08-01")
    for alarm in answer.findall(".//{*}MetricAlarms/{*}member"):
        metrics = alarm.findall(".//{*}Metric") or [alarm]
        yield alarm.findtext("{*}AlarmName"), [
            (one.findtext("{*}Namespace"), one.findtext("{*}MetricName"),
             {d.findtext("{*}Name"): d.findtext("{*}Value") for d in one.findall("{*}Dimensions/{*}member")})
            for one in metrics
        ]


def stack_outputs(endpoint, stack):
    """Name -> value."""
    answer = query(endpoint, "cloudformation", "DescribeStacks", "2010-05-15", StackName=stack)
    return {one.findtext("{*}OutputKey"): one.findtext("{*}OutputValue") for one in answer.findall(".//{*}Outputs/{*}member")}


def get(endpoint, path, service):
    return post(f"{endpoint}{path}", None, {}, service, method="GET")


def put(endpoint, path, service, body):
    return post(f"{endpoint}{path}", json.dumps(body).encode(), {"Content-Type": "application/json"}, service, method="PUT")


def s3_put(endpoint, path, content=b""):
    """Creates the bucket, or the object in it. us-east-1 is the one region in which a bucket needs no constraint."""
    signed = "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/s3/aws4_request, SignedHeaders=host, Signature=0"
    request = urllib.request.Request(f"{endpoint}/{path}", data=content, headers={"Authorization": signed}, method="PUT")
    urllib.request.urlopen(request, timeout=60).close()


def token(atlas, client_id, client_secret):
    """Mints a token as a consumer does. None if Atlas rejects the credential."""
    pair = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
    request = urllib.request.Request(
        f"{atlas}/api/oauth/token",
        data=b"grant_type=client_credentials",
        headers={"Authorization": f"Basic {pair}", "Content-Type": "application/x-www-form-urlencoded", "Accept": "application/json"},
        method="POST",
    )
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)["access_token"]
    except urllib.error.HTTPError:
        return None


def authenticates(atlas, client_id, client_secret):
    return token(atlas, client_id, client_secret) is not None


def atlas_secrets(atlas, held):
    """The ids of the account's secrets at Atlas, read with the given stored value."""
    with admin_api(atlas, held, "GET", "/" + held["clientId"]) as answer:
        return {secret["id"] for secret in json.load(answer)["secrets"]}


def delete_atlas_secret(atlas, admin, client_id, secret_id):
    admin_api(atlas, admin, "DELETE", f"/{client_id}/secrets/{secret_id}").close()


def admin_api(atlas, held, method, path):
    """Calls the Admin API about service accounts of the project, with the given stored value."""
    request = urllib.request.Request(
        f"{atlas}/api/atlas/v2/groups/{held['groupId']}/serviceAccounts{path}",
        headers={"Authorization": f"Bearer {token(atlas, held['clientId'], held['clientSecret'])}", "Accept": "application/vnd.atlas.2024-08-05+json"},
        method=method,
    )
    return urllib.request.urlopen(request, timeout=10)


def versions(endpoint, secret):
    """Stage -> version id."""
    described = secrets_manager(endpoint, "DescribeSecret", SecretId=secret)
    return {stage: version for version, stages in described["VersionIdsToStages"].items() for stage in stages}


def value(endpoint, secret, **which):
    return json.loads(secrets_manager(endpoint, "GetSecretValue", SecretId=secret, **which)["SecretString"])


def has_value(endpoint, secret, version):
    """Whether a version can be read. One that RotateSecret has only registered cannot."""
    try:
        secrets_manager(endpoint, "GetSecretValue", SecretId=secret, VersionId=version)
        return True
    except Refused as error:
        if "ResourceNotFoundException" in str(error):
            return False
        raise
