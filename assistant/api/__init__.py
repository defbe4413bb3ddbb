"""The doors for other programs: REST, server-sent events, and the shapes of other services."""
