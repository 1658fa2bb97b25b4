"""The sentence encoder: what a French sentence means, as a vector, on this machine alone."""
