"""What analysts decided, read from their files, found again in the statements, and obeyed."""
