#!/usr/bin/env bash
# Checks that Qt can load here and installs or names the Debian packages that it lacks: system_packages.sh run|test
# `test` also wants Xvfb and xdotool, for the end-to-end tests. Exit code 2 when Qt cannot start.
set -euo pipefail
cd "$(dirname "$0")/.."

[ "$(uname)" = Linux ] || exit 0 # the wheels for macOS bring all that they need

kind=$1
qt=$(echo .venv/lib/python3*/site-packages/PyQt6)
always=("$qt"/QtWidgets.abi3.so "$qt"/QtSvg.abi3.so "$qt"/Qt6/plugins/platforms/libqoffscreen.so)
x11=("$qt"/Qt6/plugins/platforms/libqxcb.so)
wayland=("$qt"/Qt6/plugins/platforms/libqwayland.so)

# Asks the system's own loader, so the answer holds for whatever these files link.
missing_libraries() {
    ldd "$@" 2>/dev/null | awk '/=> not found/ { print $1 }' | sort -u
}

# What Debian calls the packages of these libraries.
packages_of() {
    .venv/bin/python ui/doctor/debian_packages.py
}

has_font() {
    local places=() place
    for place in /usr/share/fonts /usr/local/share/fonts "${HOME:-/}/.fonts" "${HOME:-/}/.local/share/fonts"; do
        [ ! -d "$place" ] || places+=("$place")
    done
    [ ${#places[@]} -gt 0 ] && [ -n "$(find -L "${places[@]}" -name '*.[to]t[fc]' -print -quit 2>/dev/null)" ]
}

files_to_load=("${always[@]}" "${x11[@]}")
[ -z "${WAYLAND_DISPLAY:-}" ] || files_to_load+=("${wayland[@]}")

wanted=$(missing_libraries "${files_to_load[@]}" | packages_of)
has_font || wanted+=' fonts-dejavu-core'
if [ "$kind" = test ]; then
    command -v Xvfb >/dev/null || wanted+=' xvfb'
    command -v xdotool >/dev/null || wanted+=' xdotool'
fi
[ -n "$wanted" ] || exit 0

# shellcheck disable=SC2086  # one word a package
scripts/apt_install.sh $wanted || true

# Only what this start cannot do without stops it: the plugin of a display that is not there is not needed.
needed=("${always[@]}")
[ -z "${DISPLAY:-}" ] || needed+=("${x11[@]}")
[ -n "${DISPLAY:-}" ] || [ -z "${WAYLAND_DISPLAY:-}" ] || needed+=("${wayland[@]}")
missing=$(missing_libraries "${needed[@]}")
if [ -n "$missing" ]; then
    echo "ordermode: Qt cannot start, the system lacks ${missing//$'\n'/ }" >&2
    exit 2
fi
