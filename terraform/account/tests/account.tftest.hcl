# What is stored of an account. No AWS: the provider is mocked.

mock_provider "aws" {}

variables {
  name       = "prod/atlas"
  client_id  = "mdb_sa_id_0123456789abcdef01234567"
  project_id = "0123456789abcdef01234567"
}

run "who_the_account_is_and_no_client_secret" {
  assert {
    condition = jsondecode(aws_secretsmanager_secret_version.account.secret_string) == {
      clientId = "mdb_sa_id_0123456789abcdef01234567"
      groupId  = "0123456789abcdef01234567"
    }
    error_message = "the stored value is not what the function needs"
  }
  assert {
    condition     = aws_secretsmanager_secret.account.tags["atlas-secret-rotator"] == "mdb_sa_id_0123456789abcdef01234567"
    error_message = "without the client id in the tag no admin credential may act"
  }
  assert {
    condition     = length(aws_secretsmanager_secret_rotation.account) == 0
    error_message = "attached, though no function was named"
  }
}

run "attached_where_the_function_is_named" {
  variables {
    rotation           = { lambda_arn = "arn:aws:lambda:eu-central-1:123456789012:function:rotator:live" }
    additional_members = { client_id = "mdb_sa_id_0123456789abcdef01234567" }
  }
  assert {
    condition     = aws_secretsmanager_secret_rotation.account[0].rotation_lambda_arn == "arn:aws:lambda:eu-central-1:123456789012:function:rotator:live"
    error_message = "not attached"
  }
}

run "another_account_is_stored_anew" {
  variables {
    client_id = "mdb_sa_id_fedcba9876543210fedcba98"
  }
  assert {
    condition     = jsondecode(aws_secretsmanager_secret_version.account.secret_string).clientId == "mdb_sa_id_fedcba9876543210fedcba98"
    error_message = "the stored value still names the account before"
  }
}
