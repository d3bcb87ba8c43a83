#!/usr/bin/env bash
# Builds the sdist, and the wheel out of that sdist, as who packages it would: dist.sh FOLDER [PYTHON]
# PYTHON has hatchling; without it, the one of .venv.
set -euo pipefail
cd "$(dirname "$0")/.."

python=${2:-$PWD/.venv/bin/python}
mkdir -p "$1"
out=$(cd "$1" && pwd)
rm -f "$out"/ordermode-*.tar.gz "$out"/ordermode-*.whl
"$python" -m hatchling build -t sdist -d "$out" >&2

unpacked=$(mktemp -d)
trap 'rm -rf "$unpacked"' EXIT
tar -xzf "$out"/ordermode-*.tar.gz -C "$unpacked" --strip-components 1
(cd "$unpacked" && "$python" -m hatchling build -t wheel -d "$out" >&2)
ls "$out"/ordermode-*
