"""What the benchmarks share: memory of a process, and arguments of the shape NAME=FOLDER."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def peak_mb() -> float:
    """Highest resident megabytes of this process since it began."""
    status = Path("/proc/self/status")
    if status.exists():  # ru_maxrss would begin with what the starting process held
        line = next(x for x in status.read_text().splitlines() if x.startswith("VmHWM"))
        return int(line.split()[1]) / 1024
    import resource

    unit = 2**20 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / unit


def named_folder(text: str) -> tuple[str, Path]:
    """An argument NAME=FOLDER, for argparse."""
    name, _, folder = text.partition("=")
    if not name or not folder or not Path(folder).is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} is not NAME=FOLDER with a folder that exists")
    return name, Path(folder)
