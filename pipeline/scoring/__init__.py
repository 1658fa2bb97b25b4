"""What evaluations need besides the chain: other methods, figures of agreement, plots."""
