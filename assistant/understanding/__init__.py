"""What a message means: the rules engine, or a language model, against one vocabulary."""
