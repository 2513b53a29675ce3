/** AWS Secrets Manager: the port and its adapter on the AWS SDK. */
@NullMarked
package dev.atlasrotator.secretsmanager;

import org.jspecify.annotations.NullMarked;
