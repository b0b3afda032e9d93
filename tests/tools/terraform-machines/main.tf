# A machine as people run it: a key, an instance in a subnet with a group, a role and user data, and a data volume.

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

variable "stage" { default = "test" }
variable "public_key" { type = string }
variable "size" { default = 2 }

data "aws_ami" "newest" {
  most_recent = true
  owners      = ["amazon"]
}

data "aws_vpc" "default" { default = true }

data "aws_subnets" "default" {
  filter {
    name   = "vpc-id"
    values = [data.aws_vpc.default.id]
  }
  filter {
    name   = "availability-zone"
    values = ["us-east-1a"]
  }
}

resource "aws_key_pair" "main" {
  key_name   = "main"
  public_key = var.public_key
}

resource "aws_security_group" "ssh" {
  name   = "ssh"
  vpc_id = data.aws_vpc.default.id
  ingress {
    from_port   = 22
    to_port     = 22
    protocol    = "tcp"
    cidr_blocks = ["0.0.0.0/0"]
  }
}

resource "aws_iam_role" "main" {
  name = "machine"
  assume_role_policy = jsonencode({
    Version   = "2012-10-17"
    Statement = [{ Effect = "Allow", Action = "sts:AssumeRole", Principal = { Service = "ec2.amazonaws.com" } }]
  })
}

resource "aws_iam_instance_profile" "main" {
  name = "machine"
  role = aws_iam_role.main.name
}

resource "aws_instance" "main" {
  ami                    = data.aws_ami.newest.id
  instance_type          = "t3.micro"
  key_name               = aws_key_pair.main.key_name
  subnet_id              = data.aws_subnets.default.ids[0]
  vpc_security_group_ids = [aws_security_group.ssh.id]
  iam_instance_profile   = aws_iam_instance_profile.main.name
  user_data              = "#!/bin/sh\necho hello\n"
  root_block_device {
    volume_size = 8
    tags        = { Name = "root" }
  }
  metadata_options {
    http_tokens = "required"
  }
  tags = { Name = "main", stage = var.stage }
}

resource "aws_ebs_volume" "data" {
  availability_zone = aws_instance.main.availability_zone
  size              = var.size
  tags              = { Name = "data" }
}

resource "aws_volume_attachment" "data" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.data.id
  instance_id = aws_instance.main.id
}

resource "aws_ebs_snapshot" "data" {
  volume_id = aws_ebs_volume.data.id
}

resource "aws_eip" "main" {
  domain   = "vpc"
  instance = aws_instance.main.id
}
