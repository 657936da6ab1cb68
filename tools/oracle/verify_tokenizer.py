"""Loads a tokenizer directory that savePretrained wrote with transformers, and says what it makes of texts.

    python tools/oracle/verify_tokenizer.py DIR TEXTS.json [--write EXPECTED.json]

TEXTS is a JSON list of strings. Prints, or writes, the class and for each text its ids and their decoding:
the fixture packages/models/test/fixtures/characters/expected.json is such a file.
"""

import argparse
import json
from pathlib import Path

from transformers import AutoTokenizer


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dir", type=Path)
    parser.add_argument("texts", type=Path)
    parser.add_argument("--write", type=Path, metavar="EXPECTED", help="write there instead of printing")
    options = parser.parse_args()

    tokenizer = AutoTokenizer.from_pretrained(options.dir, local_files_only=True)
    cases = []
    for text in json.loads(options.texts.read_text(encoding="utf-8")):
        ids = tokenizer.encode(text)
        cases.append({"text": text, "ids": ids, "decoded": tokenizer.decode(ids)})
    lines = ",\n    ".join(json.dumps(case, ensure_ascii=False) for case in cases)
    fast = json.dumps(tokenizer.is_fast)
    report = f'{{\n  "isFast": {fast},\n  "vocabSize": {len(tokenizer)},\n  "cases": [\n    {lines}\n  ]\n}}\n'
    if options.write:
        options.write.write_text(report, encoding="utf-8")
    else:
        print(report, end="")


if __name__ == "__main__":
    main()
