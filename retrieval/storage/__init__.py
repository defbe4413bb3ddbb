"""The workspace on disk: SQL lives here and nowhere else."""
