// Checks the rendered template's permissions in a policy simulator: what the function's role, the schedule's role, Secrets
// Manager and EventBridge must be allowed to do, and what not. The simulator knows each action's resource types and
// condition keys and rejects an impossible request, so a row cannot pass by a misspelt name. It is a JavaScript library,
// which is why this one script is in JavaScript.
//
// usage: SIMULATOR=<package folder> node policy-check.mjs DEFAULT.json EVERYTHING.json ELSEWHERE.json

import { readFileSync } from "node:fs";
import { pathToFileURL } from "node:url";

const { runSimulation } = await import(pathToFileURL(`${process.env.SIMULATOR}/dist/esm/index.js`));

const account = "123456789012";
const region = "eu-central-1";
const otherAccount = "999999999999";
const functionArn = `arn:aws:lambda:${region}:${account}:function:atlas-secret-rotator`;
const alias = `${functionArn}:live`;
const otherFunction = `arn:aws:lambda:${region}:${account}:function:somebody-elses`;
const secret = (name) => `arn:aws:secretsmanager:${region}:${account}:secret:${name}`;
const bus = (name) => `arn:aws:events:${region}:${account}:event-bus/${name}`;
const queue = (name) => `arn:aws:sqs:${region}:${account}:${name}`;
const key = `arn:aws:kms:${region}:${account}:key/11111111-2222-3333-4444-555555555555`;
const admin = secret("atlas/admin-AbCdEf");
const otherAdmin = secret("atlas/other-admin-AbCdEf");

// What IAM evaluates of a stored secret.
const attached = { "secretsmanager:resource/AllowRotationLambdaArn": alias };
const attachedWithoutAlias = { "secretsmanager:resource/AllowRotationLambdaArn": functionArn };
const attachedElsewhere = { "secretsmanager:resource/AllowRotationLambdaArn": otherFunction };
const attachedToAnotherAlias = { "secretsmanager:resource/AllowRotationLambdaArn": `${functionArn}:test` };
const tagged = { "aws:ResourceTag/atlas-secret-rotator": "mdb_sa_id_0123456789abcdef01234567" };
const taggedOtherwise = { "aws:ResourceTag/team": "atlas-secret-rotator" };
const plain = {};

const rotating = ["DescribeSecret", "ListSecretVersionIds", "GetSecretValue", "PutSecretValue", "UpdateSecretVersionStage"];
const never = [
  "CreateSecret", "DeleteSecret", "RestoreSecret", "UpdateSecret", "CancelRotateSecret", "TagResource", "UntagResource",
  "PutResourcePolicy", "DeleteResourcePolicy", "GetResourcePolicy", "ReplicateSecretToRegions",
  "RemoveRegionsFromReplication", "StopReplicationToReplica",
];

const load = (file) => JSON.parse(readFileSync(file, "utf8")).Resources;
const [bare, everything, elsewhere] = process.argv.slice(2).map(load);
const document = (policy) => (typeof policy === "string" ? JSON.parse(policy) : policy);

/** The inline policies of a role, and those that are attached to it. */
function policiesOf(resources, role) {
  const inline = (resources[role].Properties.Policies ?? []).map((p) => ({ name: p.PolicyName, policy: document(p.PolicyDocument) }));
  const attachedOnes = Object.values(resources)
    .filter((r) => ["AWS::IAM::Policy", "AWS::IAM::ManagedPolicy"].includes(r.Type) && r.Properties.Roles.includes(role))
    .map((r) => ({ name: r.Properties.PolicyName ?? "managed", policy: document(r.Properties.PolicyDocument) }));
  return [...inline, ...attachedOnes];
}

/** The resource-based policy of the alias, from the template's permissions. */
function policyOfAlias(resources) {
  const statements = Object.values(resources)
    .filter((r) => r.Type === "AWS::Lambda::Permission")
    .map(({ Properties: p }) => ({
      Effect: "Allow", Principal: { Service: p.Principal }, Action: p.Action, Resource: p.FunctionName,
      Condition: p.SourceAccount ? { StringEquals: { "aws:SourceAccount": p.SourceAccount } } : {},
    }));
  return { Version: "2012-10-17", Statement: statements };
}

/** The policy of a key or a stored secret that leaves its use to our account's IAM. Keys have it by default; without it no role
 * could use them. Those of another account must have it as well. */
const leftToIam = {
  Version: "2012-10-17",
  Statement: [{ Effect: "Allow", Principal: { AWS: `arn:aws:iam::${account}:root` }, Action: ["kms:*", "secretsmanager:*"], Resource: "*" }],
};

// The simulator rejects condition keys with a variable part after a colon. So the one such key is renamed, in policies and
// requests, to another one of the same type and actions that nothing here uses.
const renamed = (value) => JSON.parse(JSON.stringify(value).replaceAll("kms:EncryptionContext:SecretARN", "kms:RequestAlias"));

let failures = 0;
let rows = 0;

async function expect(outcome, who, what, { principal, policies = [], resourcePolicy, action, resource, context }) {
  const answer = await runSimulation({
    request: { principal, action, resource: { resource, accountId: resource.split(":")[4] || account }, contextVariables: renamed(context) },
    identityPolicies: renamed(policies), serviceControlPolicies: [], resourceControlPolicies: [], resourcePolicy,
  }, {});
  rows++;
  const ignored = answer.result?.ignoredContextKeys ?? [];
  const seen = answer.resultType === "error" ? `not a request: ${JSON.stringify(answer.errors)}`
    : ignored.length > 0 ? `the action has no ${ignored.join(", ")}`
    : answer.overallResult;
  const right = seen === (outcome === "may" ? "Allowed" : "ImplicitlyDenied");
  if (!right) failures++;
  if (!right || process.env.VERBOSE) console.log(`${right ? "ok   " : "WRONG"} ${who} ${outcome} ${action} on ${what}${right ? "" : `: ${seen}`}`);
}

const rolePrincipal = (name) => `arn:aws:sts::${account}:assumed-role/${name}/session`;

async function theFunction(resources, label, checks) {
  const policies = policiesOf(resources, "RotatorRole");
  const principal = rolePrincipal("RotatorRole");
  for (const [outcome, action, resource, what, context = {}] of checks) {
    const others = resource.includes(`:${otherAccount}:`);
    const resourcePolicy = action.startsWith("kms:") || others ? leftToIam : undefined;
    await expect(outcome, `the function${label}`, what, { principal, policies, resourcePolicy, action, resource, context });
  }
}

// ---- the function, with the template's defaults
await theFunction(bare, "", [
  ...rotating.flatMap((a) => [
    ["may", `secretsmanager:${a}`, secret("prod/atlas-AbCdEf"), "a secret attached to its alias", attached],
    ["may", `secretsmanager:${a}`, secret("prod/atlas-AbCdEf"), "a secret attached to it without alias", attachedWithoutAlias],
    ["may", `secretsmanager:${a}`, secret("prod/atlas-AbCdEf"), "a tagged secret", tagged],
    ["may", `secretsmanager:${a}`, secret("prod/atlas-AbCdEf"), "a tagged secret that another function rotates (it reads, and leaves it alone)", { ...tagged, ...attachedElsewhere }],
    ["must not", `secretsmanager:${a}`, secret("prod/db-AbCdEf"), "a secret that is neither", plain],
    ["must not", `secretsmanager:${a}`, secret("prod/db-AbCdEf"), "a secret attached to another function", attachedElsewhere],
    ["must not", `secretsmanager:${a}`, secret("prod/db-AbCdEf"), "a secret attached to another alias of it", attachedToAnotherAlias],
    ["must not", `secretsmanager:${a}`, secret("prod/db-AbCdEf"), "a secret with the tag's key as a value", taggedOtherwise],
    ["must not", `secretsmanager:${a}`, `arn:aws:secretsmanager:us-east-1:${account}:secret:prod/atlas-AbCdEf`, "a tagged secret of another region", tagged],
    ["must not", `secretsmanager:${a}`, `arn:aws:secretsmanager:${region}:${otherAccount}:secret:prod/atlas-AbCdEf`, "a tagged secret of another account", tagged],
  ]),
  ...never.flatMap((a) => [
    ["must not", `secretsmanager:${a}`, secret("prod/atlas-AbCdEf"), "a tagged and attached secret", { ...tagged, ...attached }],
  ]),
  ["may", "secretsmanager:RotateSecret", secret("prod/atlas-AbCdEf"), "a secret attached to it", attached],
  ["may", "secretsmanager:RotateSecret", secret("prod/atlas-AbCdEf"), "a secret attached to it, rules unchanged", { ...attached, "secretsmanager:ModifyRotationRules": "false" }],
  ["must not", "secretsmanager:RotateSecret", secret("prod/atlas-AbCdEf"), "a secret attached to it, changing the rules", { ...attached, "secretsmanager:ModifyRotationRules": "true" }],
  ["must not", "secretsmanager:RotateSecret", secret("prod/atlas-AbCdEf"), "a secret attached to it, attaching it to another function", { ...attached, "secretsmanager:RotationLambdaARN": otherFunction }],
  ["must not", "secretsmanager:RotateSecret", secret("prod/atlas-AbCdEf"), "a secret that only has the tag", tagged],
  ["must not", "secretsmanager:RotateSecret", secret("prod/db-AbCdEf"), "a secret attached to another function", attachedElsewhere],
  ["may", "secretsmanager:ListSecrets", "*", "the account's list"],
  ["may", "secretsmanager:BatchGetSecretValue", "*", "a batch (each value needs GetSecretValue)"],
  ["must not", "secretsmanager:GetRandomPassword", "*", "anything"],
  ["must not", "secretsmanager:GetSecretValue", admin, "an admin secret that was not named", plain],
  ["may", "lambda:InvokeFunction", alias, "its own alias (RotateSecret requires it)"],
  ["must not", "lambda:InvokeFunction", otherFunction, "another function"],
  ["must not", "lambda:UpdateFunctionCode", functionArn, "itself"],
  ["must not", "lambda:UpdateFunctionConfiguration", functionArn, "itself"],
  ["may", "sqs:SendMessage", queue("FailureQueue"), "the failure queue"],
  ["must not", "sqs:ReceiveMessage", queue("FailureQueue"), "the failure queue"],
  ["may", "events:PutEvents", bus("default"), "the bus that gets its reports"],
  ["must not", "events:PutEvents", bus("orders"), "another bus"],
  ["must not", "sqs:SendMessage", queue("somebody-elses"), "another queue"],
  ["may", "logs:PutLogEvents", `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/atlas-secret-rotator:log-stream:one`, "its own log"],
  ["must not", "logs:PutLogEvents", `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/other:log-stream:one`, "another log"],
  ["must not", "logs:CreateLogGroup", `arn:aws:logs:${region}:${account}:log-group:/aws/lambda/atlas-secret-rotator`, "its own log"],
  ["must not", "kms:Decrypt", key, "a key that was not named", { "kms:ViaService": `secretsmanager.${region}.amazonaws.com`, "kms:EncryptionContext:SecretARN": secret("prod/atlas-AbCdEf") }],
  ["must not", "ec2:CreateNetworkInterface", `arn:aws:ec2:${region}:${account}:network-interface/*`, "any network"],
  ["must not", "iam:PassRole", `arn:aws:iam::${account}:role/RotatorRole`, "itself"],
  ["must not", "sts:AssumeRole", `arn:aws:iam::${account}:role/anything`, "another role"],
  ["must not", "s3:GetObject", "arn:aws:s3:::bucket/key", "a file"],
]);

// ---- the function, with everything optional switched on
const throughSecretsManager = { "kms:ViaService": `secretsmanager.${region}.amazonaws.com`, "kms:EncryptionContext:SecretARN": secret("prod/atlas-AbCdEf") };
await theFunction(everything, " (all options)", [
  ["may", "secretsmanager:GetSecretValue", admin, "the admin secret", plain],
  ["may", "secretsmanager:GetSecretValue", otherAdmin, "an additional admin secret", plain],
  ...["PutSecretValue", "UpdateSecretVersionStage", "RotateSecret", "DeleteSecret", "DescribeSecret"].map((a) =>
    ["must not", `secretsmanager:${a}`, admin, "the admin secret", plain]),
  ["may", "kms:Decrypt", key, "the named key through Secrets Manager", throughSecretsManager],
  ["may", "kms:GenerateDataKey", key, "the named key through Secrets Manager", throughSecretsManager],
  ["must not", "kms:Decrypt", key, "the named key directly", { "kms:EncryptionContext:SecretARN": secret("prod/atlas-AbCdEf") }],
  ["must not", "kms:Decrypt", key, "the named key through another service", { ...throughSecretsManager, "kms:ViaService": `s3.${region}.amazonaws.com` }],
  ["must not", "kms:Decrypt", key, "the named key without a secret's context", { "kms:ViaService": `secretsmanager.${region}.amazonaws.com` }],
  ["must not", "kms:Encrypt", key, "the named key through Secrets Manager", throughSecretsManager],
  ["must not", "kms:Decrypt", `arn:aws:kms:${region}:${account}:key/other`, "another key", throughSecretsManager],
  ...["SendMessage", "ReceiveMessage", "DeleteMessage", "GetQueueAttributes"].map((a) => ["may", `sqs:${a}`, queue("WorkQueue"), "the work queue"]),
  ["must not", "sqs:PurgeQueue", queue("WorkQueue"), "the work queue"],
  ["must not", "sqs:ReceiveMessage", queue("WorkDeadLetters"), "the dead letters"],
]);

// ---- the function, with an admin secret that another account keeps and replicates from another region, under its own key
const othersAdmin = `arn:aws:secretsmanager:${region}:${otherAccount}:secret:atlas/admin-AbCdEf`;
const othersKey = `arn:aws:kms:${region}:${otherAccount}:key/11111111-2222-3333-4444-555555555555`;
const forOthersAdmin = { "kms:ViaService": `secretsmanager.${region}.amazonaws.com`, "kms:EncryptionContext:SecretARN": othersAdmin };
await theFunction(elsewhere, " (another account's admin secret)", [
  ["may", "secretsmanager:GetSecretValue", othersAdmin, "the admin secret's replica in this region", plain],
  ["must not", "secretsmanager:GetSecretValue", othersAdmin.replace(region, "us-east-1"), "its primary in another region", plain],
  ["must not", "secretsmanager:GetSecretValue", othersAdmin.replace("admin", "other"), "another secret of that account", plain],
  ["must not", "secretsmanager:PutSecretValue", othersAdmin, "the admin secret", plain],
  ["may", "kms:Decrypt", othersKey, "its key through Secrets Manager", forOthersAdmin],
  ["must not", "kms:Decrypt", othersKey, "its key directly", { "kms:EncryptionContext:SecretARN": othersAdmin }],
]);

// ---- the schedule's role
for (const [outcome, action, resource, what] of [
  ["may", "lambda:InvokeFunction", alias, "the function's alias"],
  ["must not", "lambda:InvokeFunction", functionArn, "the function's newest, unpublished state"],
  ["must not", "lambda:InvokeFunction", otherFunction, "another function"],
  ["may", "sqs:SendMessage", queue("FailureQueue"), "the failure queue"],
  ["must not", "secretsmanager:ListSecrets", "*", "any secret"],
]) {
  const policies = policiesOf(bare, "SweepScheduleRole");
  await expect(outcome, "the schedule", what, { principal: rolePrincipal("SweepScheduleRole"), policies, action, resource, context: {} });
}

// ---- who may call and who may send
const resourcePolicy = policyOfAlias(bare);
const eventsPolicy = document(bare.RotationFailedEventsPolicy.Properties.PolicyDocument);
const rule = `arn:aws:events:${region}:${account}:rule/RotationFailedRule`;
for (const [outcome, who, action, resource, what, policy, principal, context] of [
  ["may", "Secrets Manager", "lambda:InvokeFunction", alias, "the alias", resourcePolicy, "secretsmanager.amazonaws.com", { "aws:SourceAccount": account }],
  ["must not", "another account's Secrets Manager", "lambda:InvokeFunction", alias, "the alias", resourcePolicy, "secretsmanager.amazonaws.com", { "aws:SourceAccount": otherAccount }],
  ["must not", "Secrets Manager without a source account", "lambda:InvokeFunction", alias, "the alias", resourcePolicy, "secretsmanager.amazonaws.com", {}],
  ["must not", "EventBridge", "lambda:InvokeFunction", alias, "the alias", resourcePolicy, "events.amazonaws.com", { "aws:SourceAccount": account }],
  ["may", "the rule", "sqs:SendMessage", queue("RotationFailedEvents"), "its queue", eventsPolicy, "events.amazonaws.com", { "aws:SourceArn": rule }],
  ["must not", "another rule", "sqs:SendMessage", queue("RotationFailedEvents"), "that queue", eventsPolicy, "events.amazonaws.com", { "aws:SourceArn": `${rule}2` }],
]) {
  await expect(outcome, who, what, { principal, resourcePolicy: policy, action, resource, context });
}

console.log(`policy check: ${rows} requests checked, ${failures} with the wrong decision`);
process.exit(failures ? 1 : 0);
