"""`make facts`: what botocore and cfn-lint carry of the tables in `src/mainstay/facts/data`, taken over anew."""
