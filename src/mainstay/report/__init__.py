"""What is handed on: pages for people, drawn from evidence alone, and findings in the words of other tools."""
