"""What people see. Each view gets a console and a result; the JSON of the same result is its `as_json`."""
