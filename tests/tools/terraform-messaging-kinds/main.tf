# The other kinds of resources that carry messages, each in a form that has its options: applied by terraform-messaging-kinds.test.ts.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "stage" {
  type    = string
  default = "test"
}

# A topic with an archive cannot be deleted.
variable "archives" {
  type    = bool
  default = true
}

provider "aws" {
  region = "us-east-1"
}

resource "aws_sqs_queue" "dead" {
  name = "dead-${var.stage}"
}

resource "aws_sqs_queue" "orders" {
  name                        = "orders-${var.stage}.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
}

data "aws_iam_policy_document" "topics_may_write_logs" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["sns.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "teller" {
  name               = "teller-${var.stage}"
  assume_role_policy = data.aws_iam_policy_document.topics_may_write_logs.json
}

resource "aws_kms_key" "messages" {
  deletion_window_in_days = 7
}

resource "aws_sqs_queue" "sealed" {
  name                              = "sealed-${var.stage}"
  kms_master_key_id                 = aws_kms_key.messages.arn
  kms_data_key_reuse_period_seconds = 600
  delay_seconds                     = 5
  max_message_size                  = 65536
}

resource "aws_sqs_queue_policy" "sealed" {
  queue_url = aws_sqs_queue.sealed.url
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "own"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::000000000000:root" }
      Action    = "sqs:*"
      Resource  = aws_sqs_queue.sealed.arn
    }]
  })
}

resource "aws_sqs_queue" "dead_orders" {
  name       = "dead-orders-${var.stage}.fifo"
  fifo_queue = true
}

resource "aws_sqs_queue_redrive_policy" "orders" {
  queue_url      = aws_sqs_queue.orders.url
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_orders.arn, maxReceiveCount = 3 })
}

resource "aws_sqs_queue_redrive_allow_policy" "dead_orders" {
  queue_url            = aws_sqs_queue.dead_orders.url
  redrive_allow_policy = jsonencode({ redrivePermission = "byQueue", sourceQueueArns = [aws_sqs_queue.orders.arn] })
}

resource "aws_sns_topic" "orders" {
  name                        = "orders-${var.stage}.fifo"
  fifo_topic                  = true
  content_based_deduplication = true
  fifo_throughput_scope       = "MessageGroup"
  archive_policy              = var.archives ? jsonencode({ MessageRetentionPeriod = 30 }) : "{}"
}

resource "aws_sns_topic_subscription" "orders" {
  topic_arn      = aws_sns_topic.orders.arn
  protocol       = "sqs"
  endpoint       = aws_sqs_queue.orders.arn
  redrive_policy = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead_orders.arn })
  replay_policy  = jsonencode({ PointType = "Timestamp", StartingPoint = "2025-01-01T00:00:00.000Z" })
}

resource "aws_sns_topic" "told" {
  name                             = "told-${var.stage}"
  kms_master_key_id                = "alias/aws/sns"
  signature_version                = 2
  sqs_success_feedback_role_arn    = aws_iam_role.teller.arn
  sqs_success_feedback_sample_rate = 50
  sqs_failure_feedback_role_arn    = aws_iam_role.teller.arn
  delivery_policy = jsonencode({
    http = { defaultHealthyRetryPolicy = { minDelayTarget = 5, maxDelayTarget = 10, numRetries = 5 } }
  })
}

resource "aws_sns_topic_policy" "told" {
  arn = aws_sns_topic.told.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "objects"
      Effect    = "Allow"
      Principal = { Service = "s3.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.told.arn
    }]
  })
}

resource "aws_sns_topic_data_protection_policy" "told" {
  arn = aws_sns_topic.told.arn
  policy = jsonencode({
    Name    = "cards"
    Version = "2021-06-01"
    Statement = [{
      Sid            = "deny"
      DataDirection  = "Inbound"
      Principal      = ["*"]
      DataIdentifier = ["arn:aws:dataprotection::aws:data-identifier/CreditCardNumber"]
      Operation      = { Deny = {} }
    }]
  })
}

resource "aws_sns_topic_subscription" "texts" {
  topic_arn = aws_sns_topic.told.arn
  protocol  = "sms"
  endpoint  = "+15555550100"
}

resource "aws_sns_topic_subscription" "bodies" {
  topic_arn           = aws_sns_topic.told.arn
  protocol            = "sqs"
  endpoint            = aws_sqs_queue.dead.arn
  filter_policy       = jsonencode({ price = [{ numeric = [">", 10] }] })
  filter_policy_scope = "MessageBody"
}

resource "aws_sns_platform_application" "shop" {
  name                         = "shop-${var.stage}"
  platform                     = "GCM"
  platform_credential          = "secret"
  success_feedback_role_arn    = aws_iam_role.teller.arn
  success_feedback_sample_rate = "10"
}

resource "aws_sns_sms_preferences" "texts" {
  default_sms_type    = "Transactional"
  monthly_spend_limit = 5
}

resource "aws_kinesis_stream" "clicks" {
  name            = "clicks-${var.stage}"
  encryption_type = "KMS"
  kms_key_id      = "alias/aws/kinesis"
  stream_mode_details {
    stream_mode = "ON_DEMAND"
  }
}

resource "aws_kinesis_stream_consumer" "clicks" {
  name       = "reader"
  stream_arn = aws_kinesis_stream.clicks.arn
}

resource "aws_kinesis_resource_policy" "clicks" {
  resource_arn = aws_kinesis_stream.clicks.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "put"
      Effect    = "Allow"
      Principal = { AWS = "arn:aws:iam::111122223333:root" }
      Action    = ["kinesis:PutRecord"]
      Resource  = aws_kinesis_stream.clicks.arn
    }]
  })
}

resource "aws_cloudwatch_log_group" "told" {
  name              = "/told/${var.stage}"
  retention_in_days = 30
  tags              = { stage = var.stage }
}

resource "aws_cloudwatch_log_stream" "told" {
  name           = "told"
  log_group_name = aws_cloudwatch_log_group.told.name
}
