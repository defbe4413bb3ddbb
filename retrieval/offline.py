"""The switches that keep third-party packages off the network.

They are read when those packages are imported, so :func:`go_offline` is called right before. They
are set, not merely defaulted: a model name looked up on a hub takes over a minute to fail where
there is no network, and the product promises to need none. Some would also report their use to
their makers, from code below Python that no bar on its sockets sees.
"""

from __future__ import annotations

import os

SWITCHES = {
    "HF_HUB_OFFLINE": "1",
    "TRANSFORMERS_OFFLINE": "1",
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
    "ANONYMIZED_TELEMETRY": "False",
    "ORT_DISABLE_TELEMETRY": "1",
}


def go_offline() -> None:
    """Set the switches in this process. Cheap, and safe to repeat."""
    os.environ.update(SWITCHES)
