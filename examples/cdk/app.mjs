// The deployment of a release with CDK: its expanded template as it is, and its zip as an asset of this app's.
import { readdirSync } from "node:fs";
import { join } from "node:path";
import { App, Stack } from "aws-cdk-lib";
import { CfnInclude } from "aws-cdk-lib/cloudformation-include";
import { Asset } from "aws-cdk-lib/aws-s3-assets";

/**
 * @param release the directory with the release's files
 * @param parameters the template's parameters that are to differ from their defaults
 */
class AtlasSecretRotator extends Stack {
  constructor(scope, id, { release, parameters, ...props }) {
    super(scope, id, props);
    const zips = readdirSync(release).filter((name) => /^atlas-secret-rotator-.*\.zip$/.test(name));
    if (zips.length !== 1) throw new Error(`${release} must have one atlas-secret-rotator-VERSION.zip, and has ${zips.length}`);

    const code = new Asset(this, "Code", { path: join(release, zips[0]) });
    const template = new CfnInclude(this, "Rotator", {
      templateFile: join(release, "stack-expanded.yaml"),
      // Logical ids stay those of the template, so that a stack that was deployed without CDK can be taken over.
      preserveLogicalIds: true,
      parameters: { CodeBucket: code.s3BucketName, CodeBucketHasRegion: "false", CodePrefix: "", ...parameters },
    });
    // CDK chooses an asset's key itself, and not the one that the template names.
    template.getResource("RotatorFunction").code = { s3Bucket: code.s3BucketName, s3Key: code.s3ObjectKey };

    /** The rotation function for Secrets Manager: the ARN with its alias. */
    this.rotationLambdaArn = template.getOutput("RotationLambdaArn").value;
  }
}

const app = new App();
new AtlasSecretRotator(app, "atlas-secret-rotator", {
  release: app.node.tryGetContext("release") ?? "release",
  parameters: { SweepMode: "observe" },
});
