"""The four steps as AWS's rotation templates for Python have them, for an Atlas service account, and a runtime client.

The steps follow SecretsManagerRotationTemplate of https://github.com/aws-samples/aws-secrets-manager-rotation-lambdas
call by call: each step describes the secret first, and the old Atlas secret is left to expire.
"""

import json
import os
import urllib.request

import boto3
import urllib3

ATLAS = os.environ["ATLAS_BASE_URL"]
VERSION = "application/vnd.atlas.2024-08-05+json"

secrets = boto3.client("secretsmanager")
http = urllib3.PoolManager(ca_certs=os.environ["AWS_CA_BUNDLE"])


def lambda_handler(event):
    arn, token, step = event["SecretId"], event["ClientRequestToken"], event["Step"]
    versions = secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]
    if token not in versions:
        raise ValueError("the version has no stage for rotation")
    if "AWSCURRENT" in versions[token]:
        return
    if step == "createSecret":
        create(arn, token)
    elif step == "setSecret":
        read(arn, "AWSPENDING", token)
    elif step == "testSecret":
        access_token(read(arn, "AWSPENDING", token))
    elif step == "finishSecret":
        finish(arn, token)
    else:
        raise ValueError("Invalid step parameter")


def create(arn, token):
    current = read(arn, "AWSCURRENT")
    try:
        read(arn, "AWSPENDING", token)
        return
    except secrets.exceptions.ResourceNotFoundException:
        pass
    answer = http.request(
        "POST",
        f"{ATLAS}/api/atlas/v2/groups/{current['groupId']}/serviceAccounts/{current['clientId']}/secrets",
        body=json.dumps({"secretExpiresAfterHours": 2160}),
        headers={
            "Authorization": "Bearer " + access_token(current),
            "Accept": VERSION,
            "Content-Type": VERSION,
        },
    )
    if answer.status != 201:
        raise ValueError(f"Atlas answered {answer.status}")
    current["clientSecret"] = json.loads(answer.data)["secret"]
    secrets.put_secret_value(
        SecretId=arn, ClientRequestToken=token, SecretString=json.dumps(current), VersionStages=["AWSPENDING"]
    )


def read(arn, stage, token=None):
    version = {"VersionId": token} if token else {}
    return json.loads(secrets.get_secret_value(SecretId=arn, VersionStage=stage, **version)["SecretString"])


def access_token(value):
    answer = http.request(
        "POST",
        f"{ATLAS}/api/oauth/token",
        body="grant_type=client_credentials",
        headers={
            **urllib3.make_headers(basic_auth=f"{value['clientId']}:{value['clientSecret']}"),
            "Accept": "application/json",
            "Content-Type": "application/x-www-form-urlencoded",
        },
    )
    if answer.status != 200:
        raise ValueError(f"Atlas answered {answer.status}")
    return json.loads(answer.data)["access_token"]


def finish(arn, token):
    versions = secrets.describe_secret(SecretId=arn)["VersionIdsToStages"]
    current = next(version for version, stages in versions.items() if "AWSCURRENT" in stages)
    secrets.update_secret_version_stage(
        SecretId=arn, VersionStage="AWSCURRENT", MoveToVersionId=token, RemoveFromVersionId=current
    )


def serve():
    """Lambda's runtime API ("Using the Lambda runtime API for custom runtimes"), as awslambdaric speaks it."""
    base = f"http://{os.environ['AWS_LAMBDA_RUNTIME_API']}/2018-06-01/runtime/invocation/"
    while True:
        with urllib.request.urlopen(base + "next") as invocation:
            request_id = invocation.headers["Lambda-Runtime-Aws-Request-Id"]
            event = json.load(invocation)
        try:
            answer, kind = json.dumps(lambda_handler(event)), "response"
        except Exception as failure:  # the runtime client reports whatever it is
            answer, kind = json.dumps({"errorType": type(failure).__name__, "errorMessage": str(failure)}), "error"
        urllib.request.urlopen(f"{base}{request_id}/{kind}", answer.encode()).close()


serve()
