#!/usr/bin/env bash
# Runs the bench of the chart in an environment of its own, .venv-bench: what the checks have, and
# finplot beside it. Arguments go to the bench: bench.sh --quick
set -euo pipefail
cd "$(dirname "$0")/.."

venv=.venv-bench
stamp=$venv/installed
wanted=$(cat pyproject.toml requirements-dev.lock | cksum)
if [ "$(cat $stamp 2>/dev/null || true)" != "$wanted" ]; then
    echo "Installing what the bench needs into $venv (only when a lock file or pyproject.toml changed)."
    .venv/bin/python -m venv $venv
    $venv/bin/python -m pip install -qq --disable-pip-version-check \
        --require-hashes --only-binary :all: -r requirements-dev.lock
    $venv/bin/python -m pip install -qq --disable-pip-version-check \
        --no-build-isolation --only-binary :all: --editable '.[bench]'
    echo "$wanted" >$stamp
fi
exec $venv/bin/python -m bench.chart "$@"
