"""The chat page in Gradio: a transcript, a panel of cards, a line to write in, and how they are
wired. What happens is in :mod:`ui.turns`, :mod:`ui.visits` and :mod:`ui.asides`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import gradio as gr
from gradio.events import api

from ui.clients import NAME, Clients
from ui.paint import tools_html
from ui.slate import status_html
from ui.turns import MESSAGE_LENGTH, Turns
from ui.visits import Visits
from ui.words import REFERENCE

if TYPE_CHECKING:
    from assistant import Assistant

# Gradio encrypts what it keeps in the browser with a key that it also sends to the browser: the
# key protects nothing, but it must stay the same for a visitor to be known after a restart.
_BROWSER_KEY = "palate"
_BROWSER_SECRET = "palate-visitor-1"  # noqa: S105  (it protects nothing, see above)
_TURNS_AT_ONCE = 16
_ARRIVED = "() => palate.arrived()"
# The line empties in the browser, at the moment of sending: emptied by an answer, it would take
# with it what the person has typed since. A message that could not be sent comes back.
_SEND = "(said, ...rest) => { palate.sending(said); return [said, ...rest]; }"
_UNSENT = "(...known) => { palate.unsent(); return known; }"
_PANEL = "palate.panel(element, trigger, watch)"
_QUIET: dict[str, Any] = {"show_progress": "hidden", "api_visibility": "private"}


class Page:
    """The page's components over one assistant, with an endpoint for ``clients`` where there is
    one. Holds nothing of any visitor."""

    def __init__(self, assistant: Assistant, clients: Clients | None = None) -> None:
        self.visits = Visits(assistant)
        self.clients = clients
        self.turns = Turns(self.visits)

    def build(self) -> gr.Blocks:
        """The page. Mount it with the theme, style sheet and head of :mod:`ui.theme`."""
        paint, say = self.visits.painter, REFERENCE.say
        blocks = gr.Blocks(title="Palate", analytics_enabled=False, fill_width=True)
        with blocks:
            state: gr.State = gr.State(None)
            browser = gr.BrowserState({}, storage_key=_BROWSER_KEY, secret=_BROWSER_SECRET)
            with gr.Row(elem_id="top"):
                masthead = _panel(paint.masthead(), "masthead")
                tools = _panel(tools_html(REFERENCE), "tools")
            with gr.Row(elem_id="stage"):
                with gr.Column(elem_id="talk"):
                    transcript = gr.Chatbot(
                        elem_id="transcript",
                        label=say("page.conversation"),
                        show_label=False,
                        container=False,
                        height="100%",
                        layout="bubble",
                        render_markdown=False,
                        latex_delimiters=[],
                        allow_tags=False,
                        feedback_options=None,
                        buttons=[],
                        editable="user",
                        placeholder="",
                    )
                    status = _panel(status_html(""), "status")
                    chips = _panel("", "chips")
                    message = gr.Textbox(
                        elem_id="message",
                        label=say("page.message"),
                        show_label=False,
                        container=False,
                        placeholder=say("page.placeholder"),
                        lines=1,
                        max_lines=5,
                        max_length=MESSAGE_LENGTH,
                        submit_btn=True,
                        # Until the server knows who is here: what was said before would belong to
                        # a session that the page then forgets.
                        interactive=False,
                    )
                slate = _panel(paint.welcome(REFERENCE, first=True, ready=False), "slate")
            sheet, errand = _panel("", "sheet"), _panel("", "errand")

            known = [state, browser]
            parts = [state, transcript, slate, status, chips]
            whole = [browser, *parts, masthead, tools, sheet, message, errand]
            turn: dict[str, Any] = {"concurrency_limit": _TURNS_AT_ONCE, **_QUIET}
            # A message sent while another is answered waits in the line until its turn comes. A
            # press never meets a running one (a busy panel takes none), and none is dropped.
            sent = message.submit(
                self.turns.say,
                [message, *known],
                parts,
                js=_SEND,
                trigger_mode="always_last",
                **turn,
            )
            running: list[Any] = [sent]
            running += [
                panel.click(self.turns.press, known, parts, trigger_mode="multiple", **turn)
                for panel in (chips, slate, sheet)
            ]
            running.append(transcript.edit(self.turns.edit, known, parts, **turn))
            running.append(transcript.retry(self.turns.retry, known, parts, **turn))
            for event in running:
                event.failure(
                    self.turns.give_up,
                    known,
                    parts,
                    js=_UNSENT if event is sent else None,
                    **_QUIET,
                )
            transcript.undo(self.turns.undo, known, [*parts, errand], **_QUIET)
            for panel in (tools, slate, sheet, status):
                panel.input(
                    self.visits.aside,
                    known,
                    [browser, sheet, errand],
                    trigger_mode="multiple",
                    **_QUIET,
                )
                panel.clear(self.visits.leave, known, whole, cancels=running, **_QUIET).then(
                    None, js=_ARRIVED
                )
            tools.focus(self.visits.look, known, parts, **_QUIET)
            blocks.load(self.visits.arrive, [browser], whole, **_QUIET).then(None, js=_ARRIVED)
            if self.clients is not None:
                api(self.clients.reply, api_name=NAME, concurrency_limit=_TURNS_AT_ONCE)
        blocks.queue(default_concurrency_limit=_TURNS_AT_ONCE)
        return blocks


def _panel(value: str, name: str) -> gr.HTML:
    return gr.HTML(value, elem_id=name, apply_default_css=False, js_on_load=_PANEL)
