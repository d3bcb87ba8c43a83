#!/usr/bin/env bash
# Makes .venv with the locked versions and this project in it: install.sh run|dev
# PYTHON names the Python to make it with; it is made anew when PYTHON names another one than last time.
# The file .venv/installed says for whom .venv was made and what is in it; when it fits, nothing is done.
set -euo pipefail
cd "$(dirname "$0")/.."

kind=$1
venv=.venv
stamp=$venv/installed

die() {
    echo "ordermode: $*" >&2
    exit 2
}

# A copied checkout or an upgraded system Python leaves a .venv that points elsewhere.
home() {
    echo "$PWD $(readlink -f $venv/bin/python || true)"
}

locks() {
    cat pyproject.toml requirements.lock requirements-dev.lock | cksum
}

read_stamp() {
    made_for='' made_with='' holds=''
    [ -f $stamp ] || return 0
    { read -r made_for && read -r made_with && read -r holds; } <$stamp || true
}

must_make_anew() {
    [ ! -x $venv/bin/python ] || [ "$made_for" != "$(home)" ] ||
        { [ -n "${PYTHON:-}" ] && [ "$made_with" != "$PYTHON" ]; }
}

check_python() {
    command -v "$python" >/dev/null ||
        die "there is no '$python' here. Install Python 3.11 or newer, or name one: make run PYTHON=python3.12"
    local version
    version=$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')
    "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
        die "needs Python 3.11 or newer, and '$python' is $version. Name a newer one: make run PYTHON=python3.12"
    if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
        scripts/apt_install.sh "python$version-venv" ||
            die "'$python' cannot make a virtual environment: its venv and ensurepip modules are missing (see above)."
    fi
}

make_venv() {
    python=${PYTHON:-python3}
    check_python
    rm -f $stamp
    "$python" -m venv --clear $venv
}

install() {
    local lock=requirements.lock quiet=-qq
    [ "$kind" = run ] || lock=requirements-dev.lock
    [ ! -t 1 ] || quiet='' # someone watches: show the progress of the downloads
    echo "Installing what ordermode needs into $venv (about 250 MB to download; only when a lock file changed)."
    $venv/bin/python -m pip install $quiet --disable-pip-version-check \
        --require-hashes --only-binary :all: -r $lock ||
        die "could not install the packages of $lock. Is there a network? pip's reason is above."
    $venv/bin/python -m pip install $quiet --disable-pip-version-check \
        --no-deps --no-build-isolation --editable .
}

read_stamp
if must_make_anew; then
    make_venv
    made_with=$python holds=''
fi
# What the checks need includes all that a run needs.
case $holds in
"$kind $(locks)" | "dev $(locks)") exit 0 ;;
esac
rm -f $stamp
install
printf '%s\n' "$(home)" "$made_with" "$kind $(locks)" >$stamp
