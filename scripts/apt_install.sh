#!/usr/bin/env bash
# Installs Debian packages where it may, else prints the one command that does: apt_install.sh PACKAGE...
# Exit code 1 when the packages were not installed.
set -euo pipefail

if ! command -v apt-get >/dev/null; then
    echo "ordermode: this system has no apt-get. Install what Debian calls: $*" >&2
    exit 1
fi
if [ "$(id -u)" -eq 0 ]; then
    echo "Installing system packages: $*"
    export DEBIAN_FRONTEND=noninteractive
    # Another apt-get may be at work: wait for it rather than fail.
    apt=(apt-get -qq -o DPkg::Lock::Timeout=300)
    if "${apt[@]}" update && "${apt[@]}" install -y --no-install-recommends "$@" >/dev/null; then
        exit 0
    fi
fi
echo "ordermode: system packages are missing. This installs them:" >&2
echo "    sudo apt-get update && sudo apt-get install -y $*" >&2
exit 1
