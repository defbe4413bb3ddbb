"""The look of the page: colours and type for Gradio's own parts, and our style sheet.

The text's font comes with Gradio and is served by this host (of the families Gradio carries, most
are cut down to a few letters; Source Sans Pro is whole). Titles use the system's serif. No font
service is asked.
"""

from __future__ import annotations

from pathlib import Path

import gradio as gr
from gradio.themes.utils.fonts import LocalFont

STATIC = Path(__file__).resolve().parent / "static"


def css() -> str:
    """The style sheet. Light and dark differ only in the variables at its top."""
    return (STATIC / "palate.css").read_text(encoding="utf-8")


def head() -> str:
    """The page's own script, in an element for its head."""
    return f"<script>{(STATIC / 'page.js').read_text(encoding='utf-8')}</script>"


def theme() -> gr.themes.Base:
    """Gradio's plain theme in Palate's colours. The style sheet's variables carry the values."""
    return gr.themes.Base(
        font=(LocalFont("Source Sans Pro", weights=(400, 700)), "system-ui", "sans-serif"),
        font_mono=("ui-monospace", "monospace"),
        radius_size=gr.themes.sizes.radius_lg,
    ).set(
        body_background_fill="var(--paper)",
        body_background_fill_dark="var(--paper)",
        body_text_color="var(--ink)",
        body_text_color_dark="var(--ink)",
        background_fill_primary="var(--paper)",
        background_fill_primary_dark="var(--paper)",
        background_fill_secondary="var(--raised)",
        background_fill_secondary_dark="var(--raised)",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_shadow_dark="none",
        border_color_primary="var(--line)",
        border_color_primary_dark="var(--line)",
        input_background_fill="var(--raised)",
        input_background_fill_dark="var(--raised)",
        input_border_color="var(--line)",
        input_border_color_dark="var(--line)",
        button_secondary_background_fill="transparent",
        button_secondary_background_fill_dark="transparent",
        button_secondary_text_color="var(--ink)",
        button_secondary_text_color_dark="var(--ink)",
    )
