"""What goes wrong around the service, and what it must not do to what was acknowledged."""
