"""What is better, by how much, and can it be trusted: result records, ranking with uncertainty, tables, the site."""
