"""Everything that needs no language model and no dialogue. Import the modules themselves."""
