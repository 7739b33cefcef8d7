"""What knowledge bases are made of: passages of texts, and ways to rank them for a query."""
