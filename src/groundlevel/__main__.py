"""The command `groundlevel`, and `python -m groundlevel`."""

from __future__ import annotations

import gc
import os
import sys

_SETTINGS = "groundlevel.toml"


def main() -> None:
    """Runs the command line of this process and exits with its status."""
    # What containers ask every few seconds does without the command line, unless a file of settings has to be read.
    if sys.argv[1:] == ["healthcheck"] and not os.path.exists(_SETTINGS):  # noqa: PTH110 - pathlib loads more
        from groundlevel.healthcheck import problem_of, url_in

        problem = problem_of(url_in(os.environ))
        if problem is not None:
            sys.stderr.write(f"groundlevel: {problem}\n")
        sys.exit(problem is not None)
    # What modules make when they load stays, and to look for garbage among it takes a seventh of the time to start.
    # A command looks for it again from its beginning on.
    gc.disable()
    from groundlevel.cli import run

    sys.exit(run(sys.argv[1:]))


if __name__ == "__main__":
    main()
