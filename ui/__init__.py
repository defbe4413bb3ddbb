"""Palate's faces: the chat in a browser (Gradio) and the command line."""
