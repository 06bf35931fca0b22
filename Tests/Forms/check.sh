#!/usr/bin/env bash
# Holds every generated form against the router it was made from, on thousands of queries: C (gcc and clang), Swift (a package
# of its own), ONNX (onnxruntime), SQL (SQLite, DuckDB, and PostgreSQL where RIDDLE_PSQL names a command that reaches one).
#
#   check.sh RIDDLE-PROGRAM FOLDER
#
# FOLDER keeps the trained routers and a Python environment with onnx, onnxruntime, numpy and duckdb, which the first run
# installs from the package index. Without them the parts that need them are said to be left out, and the check fails.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
riddle=$(cd "$(dirname "$1")" && pwd)/$(basename "$1")
mkdir -p "$2"
work=$(cd "$2" && pwd)

bash "$here/routers.sh" "$riddle" "$work/routers"
hashing=(wide words stack classes)
plain=(boosted tree success-trees plain plain-classes success-plain)

all=()
for name in "${hashing[@]}" "${plain[@]}"; do all+=("$work/routers/$name/router.riddle"); done
sql=()
for name in "${plain[@]}"; do sql+=("$work/routers/$name/router.riddle"); done
for router in "$root"/models/*/router.riddle; do all+=("$router"); done

bash "$here/c_check.sh" "$riddle" "$work" "${all[@]}"
bash "$here/swift_check.sh" "$riddle" "$work" "${all[@]}"

python="$work/python/bin/python"
if ! "$python" -c 'import onnx, onnxruntime, numpy, duckdb' 2> /dev/null; then
  echo "forms: installing onnx, onnxruntime, numpy and duckdb into $work/python"
  python3 -m venv "$work/python"
  "$work/python/bin/pip" install -q onnx onnxruntime numpy duckdb \
    || { echo "forms: ONNX and SQL NOT CHECKED: the Python packages cannot be installed" >&2; exit 1; }
fi
"$python" "$here/onnx_parity.py" "$riddle" "${all[@]}"
"$python" "$here/sql_parity.py" "$riddle" "${sql[@]}"
echo "forms: every form agrees with its router"
