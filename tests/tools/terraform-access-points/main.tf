# Access points of a bucket, with their policies: applied by terraform-access-points.test.ts.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "action" {
  type    = string
  default = "s3:GetObject"
}

provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
}

data "aws_caller_identity" "here" {}

resource "aws_s3_bucket" "shared" {
  bucket = "shared-data"
}

resource "aws_s3_object" "page" {
  bucket  = aws_s3_bucket.shared.bucket
  key     = "page"
  content = "hello"
}

resource "aws_s3_bucket_policy" "delegation" {
  bucket = aws_s3_bucket.shared.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = "*" }
      Action    = "s3:*"
      Resource  = [aws_s3_bucket.shared.arn, "${aws_s3_bucket.shared.arn}/*"]
      Condition = { StringEquals = { "s3:DataAccessPointAccount" = data.aws_caller_identity.here.account_id } }
    }]
  })
}

resource "aws_s3_access_point" "readers" {
  bucket = aws_s3_bucket.shared.id
  name   = "readers"

  public_access_block_configuration {
    block_public_acls       = true
    block_public_policy     = false
    ignore_public_acls      = true
    restrict_public_buckets = false
  }

  lifecycle {
    ignore_changes = [policy]
  }
}

resource "aws_s3control_access_point_policy" "readers" {
  access_point_arn = aws_s3_access_point.readers.arn
  policy = jsonencode({
    Version = "2008-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { AWS = data.aws_caller_identity.here.account_id }
      Action    = var.action
      Resource  = "${aws_s3_access_point.readers.arn}/object/*"
    }]
  })
}

resource "aws_s3_access_point" "inside" {
  bucket = aws_s3_bucket.shared.id
  name   = "inside"

  vpc_configuration {
    vpc_id = "vpc-1a2b3c4d"
  }
}

resource "aws_s3_account_public_access_block" "account" {
  block_public_acls = true
}

output "alias" {
  value = aws_s3_access_point.readers.alias
}
