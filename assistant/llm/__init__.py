"""Language models: one Protocol (``types``), one adapter (``openai``), wrappers and doubles.

Nothing is imported here, so that naming one module does not load the others.
"""
