"""Record the conversation of ``fixtures/conversation.txt`` with a real model, for the replay test.

    PALATE_LLM_BASE_URL=http://127.0.0.1:8085/v1 PALATE_LLM_MODEL=local \\
        python -m tests.record_conversation [--weights FILE]

Needs a running OpenAI-compatible endpoint; a small model on two cores takes some ten minutes. The
workspace is made anew from the built-in films, so nothing of the recording depends on the machine.
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from assistant.llm import record
from retrieval.datasets import demo
from tests.workspaces import built_in_workspace

MESSAGES = Path(__file__).with_name("fixtures") / "conversation.txt"
RECORDING = Path(__file__).with_name("fixtures") / "conversation.json"
SESSION = "recorded"
PATIENCE = "600"  # seconds a call may take on a slow machine


def main() -> int:
    """Make the workspace, play the conversation, write the recording."""
    for name in ("PALATE_LLM_UNDERSTAND_SECONDS", "PALATE_LLM_RERANK_SECONDS"):
        os.environ.setdefault(name, PATIENCE)
    os.environ["PALATE_EXPLORE"] = "0"  # as the replay has it
    with tempfile.TemporaryDirectory() as folder:
        files = demo.write(Path(folder) / "films").catalog.parent
        home = built_in_workspace(Path(folder), files)
        return record.main(
            [
                *("--out", str(RECORDING), "--messages", str(MESSAGES), "--home", str(home)),
                *("--session", SESSION, "--again", "python -m tests.record_conversation"),
                *sys.argv[1:],
            ]
        )


if __name__ == "__main__":
    sys.exit(main())
