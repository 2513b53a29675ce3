output "rotation_lambda_arn" {
  description = "The rotation function for Secrets Manager: the ARN with its alias."
  value       = aws_cloudformation_stack.rotator.outputs["RotationLambdaArn"]
}

output "function_name" {
  description = "Name of the function."
  value       = aws_cloudformation_stack.rotator.outputs["FunctionName"]
}

output "role_arn" {
  description = "The function's role, for key policies and for resource policies of stored secrets."
  value       = aws_cloudformation_stack.rotator.outputs["RoleArn"]
}

output "managed_tag" {
  description = "Key of the tag that makes a stored secret part of the sweep."
  value       = aws_cloudformation_stack.rotator.outputs["ManagedTag"]
}

output "outputs" {
  description = "Every output of the stack, by its name in CloudFormation."
  value       = aws_cloudformation_stack.rotator.outputs
}
