"""What is done to a target: deploy, verify, status, drill, restore, destroy; written once, for AWS and the sandbox."""
