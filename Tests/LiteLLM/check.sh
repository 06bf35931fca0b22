#!/usr/bin/env bash
# Starts LiteLLM's own proxy on what `riddle export --as litellm` writes, before mock upstreams on this machine, and checks where
# requests go: as `riddle score` decides, streams too, and to the strongest candidate whenever something is missing.
#
#   check.sh RIDDLE LIBRARY SERVER FOLDER
#
# LIBRARY is the folder that `make library` made, SERVER the riddle-server program. FOLDER keeps the exported folder and a Python
# environment with LiteLLM, which the first run installs from the package index (about 750 MB); when that fails, the check
# says so and fails. EXPORTED=FOLDER checks a folder that was exported before instead of exporting one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
riddle=$(realpath "$1")
library=$2
server=$(realpath "$3")
mkdir -p "$4"
work=$(cd "$4" && pwd)
version=1.106.2  # the one that the adapters were tried with
export LITELLM_LOCAL_MODEL_COST_MAP=True  # no price list is fetched

python="$work/python/bin/python"
installed() { "$python" -c 'import importlib.metadata as m, sys; sys.exit(m.version("litellm") != sys.argv[1])' "$version" 2> /dev/null; }
if ! installed; then
  echo "litellm: installing litellm[proxy] $version into $work/python"
  python3 -m venv "$work/python"
  nice "$work/python/bin/pip" install -q "litellm[proxy]==$version" || true
  installed || { echo "litellm: NOT CHECKED: litellm[proxy] $version cannot be installed" >&2; exit 1; }
fi

plug=${EXPORTED:-$work/plug}
if [ -z "${EXPORTED:-}" ]; then
  rm -rf "$plug"
  "$riddle" export "$root/models/support-desk" --as litellm --to "$plug" --library "$library" --quiet
fi
desk="$root/datasets/support-desk/support-desk.jsonl.gz"
RIDDLE="$riddle" PYTHON="$python" bash "$plug/verify.sh" <(zcat "$desk" | awk 'NR % 5 == 0')
nice "$python" -B "$here/proxy.py" "$riddle" "$server" "$plug" "$desk" "$work"
