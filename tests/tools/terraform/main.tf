# What a small team writes first: a bucket with its guards, people and what they may do, and a role for a machine.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
  default_tags {
    tags = { house = "haneul" }
  }
}

variable "stage" {
  type    = string
  default = "test"
}

data "aws_caller_identity" "me" {}
data "aws_partition" "here" {}

# --- S3 ---

resource "aws_s3_bucket" "data" {
  bucket        = "terraform-data-${var.stage}"
  force_destroy = true
  tags          = { stage = var.stage }
}

resource "aws_s3_bucket_public_access_block" "data" {
  bucket                  = aws_s3_bucket.data.id
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

data "aws_iam_policy_document" "data" {
  statement {
    sid       = "ReadersOfThisAccount"
    actions   = ["s3:GetObject", "s3:ListBucket"]
    resources = [aws_s3_bucket.data.arn, "${aws_s3_bucket.data.arn}/*"]
    principals {
      type        = "AWS"
      identifiers = [aws_iam_role.machine.arn]
    }
    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["true"]
    }
  }
}

resource "aws_s3_bucket_policy" "data" {
  bucket = aws_s3_bucket.data.id
  policy = data.aws_iam_policy_document.data.json
}

resource "aws_s3_object" "page" {
  bucket       = aws_s3_bucket.data.id
  key          = "pages/한글 page.html"
  content      = "<p>${var.stage}</p>"
  content_type = "text/html"
  tags         = { kind = "page" }
  metadata     = { author = "terraform" }
}

data "aws_s3_object" "page" {
  bucket = aws_s3_bucket.data.id
  key    = aws_s3_object.page.key
}

# --- IAM ---

resource "aws_iam_user" "ada" {
  name          = "ada"
  path          = "/staff/"
  force_destroy = true
}

resource "aws_iam_access_key" "ada" {
  user = aws_iam_user.ada.name
}

resource "aws_iam_user_policy" "ada" {
  name = "own-folder"
  user = aws_iam_user.ada.name
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "s3:*", Resource = "${aws_s3_bucket.data.arn}/$${aws:username}/*" }]
  })
}

resource "aws_iam_group" "staff" {
  name = "staff"
  path = "/staff/"
}

resource "aws_iam_group_membership" "staff" {
  name  = "staff"
  group = aws_iam_group.staff.name
  users = [aws_iam_user.ada.name]
}

resource "aws_iam_policy" "read" {
  name        = "read-data"
  description = "Reads the data bucket"
  policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Sid = "Read${var.stage}", Effect = "Allow", Action = ["s3:GetObject"], Resource = "${aws_s3_bucket.data.arn}/*" }]
  })
}

resource "aws_iam_group_policy_attachment" "read" {
  group      = aws_iam_group.staff.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_user_policy_attachment" "managed" {
  user       = aws_iam_user.ada.name
  policy_arn = "arn:${data.aws_partition.here.partition}:iam::aws:policy/IAMReadOnlyAccess"
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
  statement {
    actions = ["sts:AssumeRoleWithWebIdentity"]
    principals {
      type        = "Federated"
      identifiers = [aws_iam_openid_connect_provider.ci.arn]
    }
    condition {
      test     = "StringLike"
      variable = "token.ci.example.com:sub"
      values   = ["repo:haneul/*"]
    }
  }
}

resource "aws_iam_role" "machine" {
  name                  = "machine"
  description           = "For machines and CI in ${var.stage}"
  assume_role_policy    = data.aws_iam_policy_document.trust.json
  permissions_boundary  = aws_iam_policy.read.arn
  max_session_duration  = 7200
  force_detach_policies = true
}

resource "aws_iam_role_policy" "machine" {
  name   = "inline"
  role   = aws_iam_role.machine.id
  policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Action = "sts:GetCallerIdentity", Resource = "*" }] })
}

resource "aws_iam_role_policy_attachment" "machine" {
  role       = aws_iam_role.machine.name
  policy_arn = aws_iam_policy.read.arn
}

resource "aws_iam_instance_profile" "machine" {
  name = "machine"
  role = aws_iam_role.machine.name
}

resource "aws_iam_openid_connect_provider" "ci" {
  url             = "https://token.ci.example.com"
  client_id_list  = ["sts.amazonaws.com"]
  thumbprint_list = ["cf23df2207d99a74fbe169e3eba035e633b65d94"]
}

resource "aws_iam_account_alias" "alias" {
  account_alias = "haneul-${var.stage}"
}

resource "aws_iam_account_password_policy" "strict" {
  minimum_password_length        = 14
  require_symbols                = true
  allow_users_to_change_password = true
}

output "account" {
  value = data.aws_caller_identity.me.account_id
}

output "page" {
  value = data.aws_s3_object.page.body
}
