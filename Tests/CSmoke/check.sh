#!/usr/bin/env bash
# Builds the shared library and a C program from the embedded archive, and holds both against the command line:
# the same margin bits for every golden query, libc as the only needed library, damaged files refused.
#
#   check.sh EMBEDDED-BUILD-FOLDER RIDDLE-PROGRAM
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
archive="$1/release/libriddle-c.a"
riddle="$2"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "smoke: $*" >&2; exit 1; }

cc=${CC:-cc}
$cc -O2 -Wall -Wextra -Werror -I "$root/Sources/CRiddle/include" "$here/smoke.c" "$archive" \
  -Wl,--gc-sections -o "$work/smoke"
$cc -shared -o "$work/libriddle.so" -Wl,--whole-archive "$archive" -Wl,--no-whole-archive \
  -Wl,--gc-sections -Wl,--version-script="$here/riddle.map" -Wl,-z,defs -Wl,-soname,libriddle.so.1 -s
for file in "$work/smoke" "$work/libriddle.so"; do
  needed=$(readelf -d "$file" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort -u | tr '\n' ' ')
  [ "$needed" = "libc.so.6 " ] || fail "$(basename "$file") needs '$needed', expected libc.so.6 alone"
done

queries="$here/golden-queries.txt"
lines=$(wc -l < "$queries")
[ "$lines" -eq 1000 ] || fail "expected 1000 golden queries, found $lines"
found=0
for router in "$root"/models/*/router.riddle; do
  found=$((found + 1))
  "$work/smoke" "$router" < "$queries" > "$work/c.txt"
  python3 "$here/riddle_ctypes.py" "$work/libriddle.so" "$router" < "$queries" > "$work/python.txt"
  "$riddle" score "$router" --format text --quiet < "$queries" | python3 "$here/margin_bits.py" > "$work/cli.txt" 2>/dev/null || fail "the command line did not score the golden queries"
  [ "$(wc -l < "$work/cli.txt")" -eq 1000 ] || fail "the command line gave $(wc -l < "$work/cli.txt") lines"
  cmp -s "$work/c.txt" "$work/cli.txt" || fail "$router: C and the command line differ in a margin"
  cmp -s "$work/c.txt" "$work/python.txt" || fail "$router: C and Python differ in a margin"
  head -c 1000 "$router" > "$work/short.riddle"
  if "$work/smoke" "$work/short.riddle" < "$queries" > "$work/out.txt" 2> "$work/err.txt"; then
    fail "a truncated file was accepted"
  fi
  [ ! -s "$work/out.txt" ] || fail "a truncated file gave a score"
done
[ "$found" -gt 0 ] || fail "no committed model to score with"
echo "smoke: $found models × 1000 queries: C, Python and the command line agree to the last bit; libc only;" \
  "library $(stat -c %s "$work/libriddle.so") bytes"
