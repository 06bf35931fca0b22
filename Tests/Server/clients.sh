#!/usr/bin/env bash
# riddle-server asked by the official OpenAI client for Python; the first run installs it into out/clients.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
python="$root/out/clients/bin/python"
if ! "$python" -c 'import openai' 2> /dev/null; then
  echo "clients: installing openai into out/clients"
  python3 -m venv "$root/out/clients"
  "$python" -m pip install -q 'openai==2.54.0' || { echo "clients: NOT CHECKED: openai cannot be installed" >&2; exit 1; }
fi
"$python" -B "$root/Tests/Server/openai_client.py"
