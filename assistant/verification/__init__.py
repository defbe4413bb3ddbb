"""Whether a text about an item is true: read against the workspace, whoever wrote it."""
