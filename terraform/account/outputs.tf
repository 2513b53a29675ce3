output "arn" {
  description = "ARN of the stored secret, for those who read it."
  value       = aws_secretsmanager_secret.account.arn
}
