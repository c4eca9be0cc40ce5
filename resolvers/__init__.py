"""The verbs: one function is one use case, with its own inputs and arguments."""
