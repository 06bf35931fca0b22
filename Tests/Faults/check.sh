#!/usr/bin/env bash
# Damages small routers of every kind, old versions and the committed models in every way that faults.c lists, through
# the C library that production links. Small files: everything; old versions: every bit. Committed models: every shorter length, every
# FLIPS_EVERY-th bit and every EDITS_EVERY-th sealed edit; `make faults` sets FLIPS_EVERY=1: every bit.
#
#   check.sh FOLDER        of the embedded build, or of `make library`
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
archive="$1/libriddle.a"
flips_every=${FLIPS_EVERY:-7}
edits_every=${EDITS_EVERY:-501}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cc=${CC:-cc}
$cc -O2 -Wall -Wextra -Werror -I "$1" "$here/faults.c" "$archive" -Wl,--gc-sections \
  -o "$work/faults"
cd "$root"
# One process per core, each with its share of the cases.
cores=$(nproc)
run() {
  local options="$1" pids=() failed=0
  shift
  for ((k = 0; k < cores; k++)); do
    # shellcheck disable=SC2086
    "$work/faults" --share "$k/$cores" $options "$@" > "$work/out.$k" 2> "$work/err.$k" &
    pids+=($!)
  done
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  cat "$work"/out.* >> "$work/all.txt"
  if [ "$failed" = 1 ]; then
    cat "$work"/err.* >&2
    grep -hE 'WRONG|resident' "$work"/out.* >&2
    echo "faults: failed" >&2
    exit 1
  fi
}
run "" Tests/Fuzz/corpus/seed-*.riddle
run "--edits-every 23" Tests/Golden/WeightFiles/*.riddle
run "--flips-every $flips_every --edits-every $edits_every" models/*/router.riddle
awk '
  / tried / { for (i = 1; i <= NF; i++) { if ($i == "tried") { k = $(i-2); n[$(i-3) " " $(i-2)] += $(i-1) }
              if ($i == "refused") refused += $(i-1); if ($i == "accepted") accepted += $(i-1)
              if ($i == "crashed") crashed += $(i-1); if ($i == "hung") hung += $(i-1) } }
  /resident/ { if ($(NF-1) > peak) peak = $(NF-1) }
  END { printf "faults:"; for (k in n) printf " %d %s,", n[k], k
        printf " %d refused; of the sealed edits %d are other valid routers; 0 silent, %d crashed, %d hung, at most %.1f MB\n", refused, accepted, crashed, hung, peak }
' "$work/all.txt"
