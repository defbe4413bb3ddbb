"""People drawn from held-out histories, who talk to the dialogue that serves and to its rivals."""
