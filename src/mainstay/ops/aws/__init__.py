"""The doors to boto3: named questions that answer in the plan's words and units."""
