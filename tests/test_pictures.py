"""The pictures of the documents can be made anew by the script that made them."""

import re
import subprocess
import sys
from pathlib import Path

_ROOT = Path(__file__).resolve().parents[1]


def test_the_script_makes_every_picture_of_the_document(tmp_path: Path) -> None:
    made = subprocess.run(
        [sys.executable, _ROOT / "scripts" / "pictures.py", tmp_path],
        capture_output=True,
        text=True,
        timeout=180,
        check=False,
    )
    assert made.returncode == 0, made.stderr
    names = {file.name for file in tmp_path.iterdir()}
    for document in ("order-mode.md", "chart.md"):
        text = (_ROOT / "docs" / document).read_text(encoding="utf-8")
        wanted = set(re.findall(r"\(pictures/([a-z-]+\.png)\)", text))
        assert wanted, document
        assert wanted <= names
    assert "Traceback" not in made.stderr
