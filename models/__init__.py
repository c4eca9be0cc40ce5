"""The facts: what is stored, and the changes each thing permits."""
