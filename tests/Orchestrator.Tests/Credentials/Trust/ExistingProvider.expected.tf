# This is the trust alone: attach to each role what terraform may do in that phase.
terraform {
  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.81"
    }
  }
}

data "aws_iam_openid_connect_provider" "orchestrator" {
  url = "https://orchestrator.example.com"
}

resource "aws_iam_role" "plan" {
  name                 = "net-plan"
  description          = "Plan phase of the workspace net of acme"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "PlanPhase"
        Effect = "Allow"
        Principal = {
          Federated = data.aws_iam_openid_connect_provider.orchestrator.arn
        }
        Action = ["sts:AssumeRoleWithWebIdentity"]
        Condition = {
          StringEquals = {
            "orchestrator.example.com:aud" = "aws.workload.identity"
            "orchestrator.example.com:sub" = "organization:acme:project:Default Project:workspace:net:run_phase:plan"
          }
        }
      }
    ]
  })
}

output "plan_role_arn" {
  description = "Set TFC_AWS_PLAN_ROLE_ARN to this."
  value       = aws_iam_role.plan.arn
}

resource "aws_iam_role" "apply" {
  name                 = "net-apply"
  description          = "Apply phase of the workspace net of acme"
  max_session_duration = 3600

  assume_role_policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Sid    = "ApplyPhase"
        Effect = "Allow"
        Principal = {
          Federated = data.aws_iam_openid_connect_provider.orchestrator.arn
        }
        Action = ["sts:AssumeRoleWithWebIdentity"]
        Condition = {
          StringEquals = {
            "orchestrator.example.com:aud" = "aws.workload.identity"
            "orchestrator.example.com:sub" = "organization:acme:project:Default Project:workspace:net:run_phase:apply"
          }
        }
      }
    ]
  })
}

output "apply_role_arn" {
  description = "Set TFC_AWS_APPLY_ROLE_ARN to this."
  value       = aws_iam_role.apply.arn
}
