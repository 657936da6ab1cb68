"""Regenerates the committed parity fixtures from PyTorch and transformers.

    python3.11 -m venv tools/oracle/.venv
    tools/oracle/.venv/bin/pip install -r tools/oracle/requirements.txt
    tools/oracle/.venv/bin/python tools/oracle/generate.py [family ...]      # no name: every family
    tools/oracle/.venv/bin/python tools/oracle/generate.py ops:pool,softmax  # only these files of a family

A family is a module beside this file with two names: FIXTURES, the directory it owns (relative to the
repository), and generate(out: Path). The directory is replaced as a whole, and only when all went well.
"""

import importlib
import re
import shutil
import sys
import tempfile
import time
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path.insert(0, str(HERE))


def families() -> list[str]:
    """Found in the text, so that importing one family never imports another's dependencies."""
    return sorted(p.stem for p in HERE.glob("*.py") if re.search(r"^FIXTURES = ", p.read_text(), re.M))


def regenerate(name: str, only: tuple[str, ...]) -> None:
    started = time.monotonic()
    module = importlib.import_module(name)
    target = ROOT / module.FIXTURES
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{name}-", dir=target.parent) as scratch:
        fresh = Path(scratch) / "fixtures"
        fresh.mkdir()
        module.generate(fresh, only) if only else module.generate(fresh)
        shutil.rmtree(target, ignore_errors=True)
        fresh.rename(target)
    files = [p for p in target.rglob("*") if p.is_file()]
    size = sum(p.stat().st_size for p in files) / 1024
    seconds = time.monotonic() - started
    print(f"{name}: {len(files)} files, {size:.0f} KiB in {module.FIXTURES} ({seconds:.1f} s)")


def main(names: list[str]) -> int:
    known = families()
    parts = {name: tuple(filter(None, rest.split(","))) for name, _, rest in (n.partition(":") for n in names or known)}
    unknown = [name for name in parts if name not in known]
    if unknown:
        print(f"no fixture family {', '.join(unknown)}; known: {', '.join(known)}", file=sys.stderr)
        return 2
    for name, only in parts.items():
        regenerate(name, only)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
