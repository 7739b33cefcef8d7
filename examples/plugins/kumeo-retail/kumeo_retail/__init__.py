"""What shops need: discounts, stock and reordering, for Kumeo."""
