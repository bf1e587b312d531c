"""What is different between two states of the warehouse."""
