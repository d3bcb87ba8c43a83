#!/usr/bin/env bash
# Starts ordermode; with no display and nothing asked for, its scripted session offscreen: run.sh [ARGUMENT...]
set -euo pipefail
cd "$(dirname "$0")/.."

if [ $# -eq 0 ] && [ "$(uname)" = Linux ] &&
    [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}${QT_QPA_PLATFORM:-}" ]; then
    echo 'There is no display here (neither DISPLAY nor WAYLAND_DISPLAY is set).'
    echo 'So this runs a short scripted session offscreen, and leaves its picture and its orders in out/.'
    set -- demo --headless --out out
fi
exec .venv/bin/ordermode "$@"
