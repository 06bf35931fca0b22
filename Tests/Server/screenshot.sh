#!/usr/bin/env bash
# Pictures of the live page under traffic: empty, light, dark and narrow.
#
#   screenshot.sh [FOLDER, out/page] [SECONDS OF TRAFFIC]
#
# Needs .build/release/riddle-server (make server), models/support-desk, python3 and Chromium. Nothing leaves the machine.
set -euo pipefail
here=$(dirname "$0")
folder=$(realpath -m "${1:-$here/../../out/page}")
cd "$here"
exec python3 pictures.py "$folder" "${2:-30}"
