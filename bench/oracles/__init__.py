"""Our templates, judged by tools that others wrote: checkov, cdk-nag and the CDK's own template check."""
