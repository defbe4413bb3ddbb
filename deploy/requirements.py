"""The requirements of a service, one a line, for the image: those of the package and of its extra
``app``, without the ones that are named as arguments.

Run beside pyproject.toml. The image leaves torch out, which only the float32 encoder needs; pip by
itself can install an extra whole or not at all.
"""

from __future__ import annotations

import re
import sys
import tomllib
from pathlib import Path


def requirements(project: Path, without: set[str]) -> list[str]:
    """The lines, in the order of the file. ValueError for a name that is none of them."""
    told = tomllib.loads(project.read_text("utf-8"))["project"]
    lines: list[str] = [*told["dependencies"], *told["optional-dependencies"]["app"]]
    names = {line: re.split(r"[\[<>=!~; ]", line, maxsplit=1)[0] for line in lines}
    if unknown := without - set(names.values()):
        raise ValueError(f"no requirements of Palate: {', '.join(sorted(unknown))}")
    return [line for line in lines if names[line] not in without]


if __name__ == "__main__":
    sys.stdout.write("\n".join(requirements(Path("pyproject.toml"), set(sys.argv[1:]))) + "\n")
