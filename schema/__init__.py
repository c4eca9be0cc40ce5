"""The nouns: the types that a client sees, and the way they are asked for."""
