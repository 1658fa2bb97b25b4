"""What gives a statement its tag: its features, the two models, their reasons."""
