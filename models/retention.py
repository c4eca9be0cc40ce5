"""How long what is kept: docs/privacy.md says it for people, jobs/retention.py removes it."""

PURGE = "purge"
"""The kind of the task that purges, once an hour."""
