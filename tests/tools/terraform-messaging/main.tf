# Queues, a topic, a stream and delivery streams: applied by terraform-messaging.test.ts.

terraform {
  required_providers {
    aws = { source = "hashicorp/aws" }
  }
}

variable "stage" {
  type    = string
  default = "test"
}

variable "display_name" {
  type    = string
  default = "News"
}

provider "aws" {
  region            = "us-east-1"
  s3_use_path_style = true
}

resource "aws_sqs_queue" "dead" {
  name                      = "jobs-dead-${var.stage}"
  message_retention_seconds = 1209600
}

resource "aws_sqs_queue" "jobs" {
  name                       = "jobs-${var.stage}"
  visibility_timeout_seconds = 45
  receive_wait_time_seconds  = 10
  redrive_policy             = jsonencode({ deadLetterTargetArn = aws_sqs_queue.dead.arn, maxReceiveCount = 4 })
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "sns.amazonaws.com" }
      Action    = "sqs:SendMessage"
      Resource  = "arn:aws:sqs:us-east-1:000000000000:jobs-${var.stage}"
      Condition = { ArnEquals = { "aws:SourceArn" = aws_sns_topic.news.arn } }
    }]
  })
  tags = { stage = var.stage }
}

resource "aws_sqs_queue" "orders" {
  name                        = "orders-${var.stage}.fifo"
  fifo_queue                  = true
  content_based_deduplication = true
  deduplication_scope         = "messageGroup"
  fifo_throughput_limit       = "perMessageGroupId"
}

resource "aws_sns_topic" "news" {
  name         = "news-${var.stage}"
  display_name = var.display_name
  tags         = { stage = var.stage }
}

resource "aws_sns_topic_subscription" "jobs" {
  topic_arn            = aws_sns_topic.news.arn
  protocol             = "sqs"
  endpoint             = aws_sqs_queue.jobs.arn
  raw_message_delivery = true
  filter_policy        = jsonencode({ kind = ["urgent", "daily"] })
}

resource "aws_kinesis_stream" "events" {
  name             = "events-${var.stage}"
  shard_count      = 2
  retention_period = 48
  tags             = { stage = var.stage }
}

resource "aws_s3_bucket" "archive" {
  bucket        = "archive-${var.stage}"
  force_destroy = true
}

data "aws_iam_policy_document" "trust" {
  statement {
    actions = ["sts:AssumeRole"]
    principals {
      type        = "Service"
      identifiers = ["firehose.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "deliverer" {
  name               = "deliverer-${var.stage}"
  assume_role_policy = data.aws_iam_policy_document.trust.json
}

resource "aws_iam_role_policy" "deliverer" {
  name = "deliver"
  role = aws_iam_role.deliverer.id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      { Effect = "Allow", Action = ["s3:PutObject"], Resource = "${aws_s3_bucket.archive.arn}/*" },
      { Effect = "Allow", Action = ["kinesis:*"], Resource = aws_kinesis_stream.events.arn },
    ]
  })
}

resource "aws_kinesis_firehose_delivery_stream" "archive" {
  name        = "archive-${var.stage}"
  destination = "extended_s3"
  extended_s3_configuration {
    role_arn            = aws_iam_role.deliverer.arn
    bucket_arn          = aws_s3_bucket.archive.arn
    prefix              = "${var.stage}/!{timestamp:yyyy}/"
    error_output_prefix = "errors/!{firehose:error-output-type}/"
    buffering_size      = 1
    buffering_interval  = 60
    compression_format  = "GZIP"
  }
  tags = { stage = var.stage }
}

resource "aws_kinesis_firehose_delivery_stream" "events" {
  name        = "events-${var.stage}"
  destination = "extended_s3"
  kinesis_source_configuration {
    kinesis_stream_arn = aws_kinesis_stream.events.arn
    role_arn           = aws_iam_role.deliverer.arn
  }
  extended_s3_configuration {
    role_arn   = aws_iam_role.deliverer.arn
    bucket_arn = aws_s3_bucket.archive.arn
  }
  depends_on = [aws_iam_role_policy.deliverer]
}

output "jobs" {
  value = aws_sqs_queue.jobs.url
}
