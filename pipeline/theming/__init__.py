"""What says what a statement is about: concepts, vectors, groups that hold, names of themes."""
