"""What the check scripts share: the workspace as cargo sees it, and how problems are told.

Not here: the rules themselves; each script holds its own.
"""

import json
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent


def metadata(*arguments):
    """The workspace as cargo describes it."""
    command = ["cargo", "metadata", "--format-version", "1", "--locked", *arguments]
    done = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, check=False)
    if done.returncode != 0:
        sys.exit(done.returncode)
    return json.loads(done.stdout)


def finish(name, problems, fine):
    """Ends the script: with every problem, or with one line that says what holds."""
    for problem in problems:
        print(f"{name}: {problem}", file=sys.stderr)
    if problems:
        sys.exit(1)
    print(f"{name}: {fine}")
