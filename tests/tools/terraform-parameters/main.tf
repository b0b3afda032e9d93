# Parameters of every kind, read back by name and by path.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region                     = "us-east-1"
  skip_metadata_api_check    = true
  skip_requesting_account_id = false
}

variable "url" { default = "postgres://one" }

data "aws_ami" "newest" {
  most_recent = true
  owners      = ["amazon"]
}

resource "aws_kms_key" "main" {
  deletion_window_in_days = 7
}

resource "aws_ssm_parameter" "url" {
  name            = "/app/db/url"
  type            = "String"
  value           = var.url
  description     = "where the database is"
  allowed_pattern = "^postgres://"
  tags            = { team = "a" }
}

resource "aws_ssm_parameter" "hosts" {
  name  = "/app/hosts"
  type  = "StringList"
  value = "a,b"
}

resource "aws_ssm_parameter" "password" {
  name   = "/app/db/password"
  type   = "SecureString"
  value  = "hidden"
  key_id = aws_kms_key.main.key_id
  tier   = "Advanced"
}

resource "aws_ssm_parameter" "default_key" {
  name  = "token"
  type  = "SecureString"
  value = "hidden"
  tier  = "Intelligent-Tiering"
}

resource "aws_ssm_parameter" "image" {
  name      = "/app/image"
  type      = "String"
  data_type = "aws:ec2:image"
  value     = data.aws_ami.newest.id
}

data "aws_ssm_parameters_by_path" "app" {
  path       = "/app"
  recursive  = true
  depends_on = [aws_ssm_parameter.url, aws_ssm_parameter.hosts, aws_ssm_parameter.password, aws_ssm_parameter.image]
}

output "names" { value = nonsensitive(sort(data.aws_ssm_parameters_by_path.app.names)) }
