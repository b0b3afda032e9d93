# Instances bought otherwise than on demand: spot by a request and by an instance's own options, reserved capacity, a dedicated host.

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

variable "count_reserved" { default = 2 }

data "aws_ami" "newest" {
  most_recent = true
  owners      = ["amazon"]
}

data "aws_ec2_spot_price" "now" {
  instance_type     = "m5.large"
  availability_zone = "us-east-1a"
  filter {
    name   = "product-description"
    values = ["Linux/UNIX"]
  }
}

resource "aws_spot_instance_request" "worker" {
  ami                  = data.aws_ami.newest.id
  instance_type        = "t3.micro"
  availability_zone    = "us-east-1a"
  wait_for_fulfillment = true
  tags                 = { Name = "worker" }
}

resource "aws_instance" "spot" {
  ami               = data.aws_ami.newest.id
  instance_type     = "m5.large"
  availability_zone = "us-east-1a"
  instance_market_options {
    market_type = "spot"
    spot_options {
      max_price = "0.096"
    }
  }
}

resource "aws_ec2_capacity_reservation" "main" {
  instance_type           = "c5.large"
  instance_platform       = "Linux/UNIX"
  availability_zone       = "us-east-1a"
  instance_count          = var.count_reserved
  instance_match_criteria = "targeted"
  tags                    = { Name = "reserved" }
}

resource "aws_instance" "reserved" {
  ami               = data.aws_ami.newest.id
  instance_type     = "c5.large"
  availability_zone = "us-east-1a"
  capacity_reservation_specification {
    capacity_reservation_target {
      capacity_reservation_id = aws_ec2_capacity_reservation.main.id
    }
  }
}

resource "aws_ec2_host" "main" {
  instance_family   = "m5"
  availability_zone = "us-east-1a"
  host_recovery     = "on"
  tags              = { Name = "own" }
}

resource "aws_instance" "dedicated" {
  ami               = data.aws_ami.newest.id
  instance_type     = "m5.xlarge"
  availability_zone = "us-east-1a"
  tenancy           = "host"
  host_id           = aws_ec2_host.main.id
}

output "price" { value = data.aws_ec2_spot_price.now.spot_price }
