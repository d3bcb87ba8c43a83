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
    files = [*(_ROOT / "docs").glob("order-*.md"), _ROOT / "docs" / "chart.md"]
    texts = [file.read_text(encoding="utf-8") for file in files]
    wanted = {name for text in texts for name in re.findall(r"\(pictures/([a-z-]+\.png)\)", text)}
    made_names = {file.name for file in tmp_path.iterdir()}
    assert wanted
    assert made_names >= wanted
    assert all(name.startswith("type-") for name in made_names - wanted)
    assert "Traceback" not in made.stderr
