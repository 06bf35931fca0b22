#!/usr/bin/env bash
# Compiles exported C without a warning under gcc and clang, and holds its margins against the command line's: the same bits for
# every query. The first router is also run under the address and undefined-behaviour sanitizers.
#
#   c_check.sh RIDDLE-PROGRAM FOLDER ROUTER...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
riddle="$1"
work="$2/c"
shift 2
mkdir -p "$work"
python3 "$here/queries.py" > "$work/queries.txt"
strict="-std=c99 -O3 -Wall -Wextra -Werror -pedantic"
sanitized=""
for router in "$@"; do
  "$riddle" export "$router" --to "$work/router.c" --as c --name tried --quiet > /dev/null
  "$riddle" score "$router" --format text --quiet < "$work/queries.txt" | python3 "$here/../Bindings/margin_bits.py" > "$work/cli.txt"
  tried=""
  for compiler in gcc clang; do
    command -v $compiler > /dev/null || { echo "c: $compiler NOT TRIED, there is none"; continue; }
    $compiler $strict -DRIDDLE_TRIED_MAIN "$work/router.c" -o "$work/decide" -lm
    "$work/decide" < "$work/queries.txt" > "$work/generated.txt"
    cmp "$work/generated.txt" "$work/cli.txt" || { echo "c: $router: $compiler gives another margin" >&2; exit 1; }
    tried="$tried $compiler"
  done
  [ -n "$tried" ] || { echo "c: no compiler" >&2; exit 1; }
  if [ -z "$sanitized" ] && gcc $strict -g -fsanitize=address,undefined -fno-sanitize-recover=all -DRIDDLE_TRIED_MAIN \
    "$work/router.c" -o "$work/decide" -lm 2> /dev/null; then
    "$work/decide" < "$work/queries.txt" > "$work/generated.txt"
    cmp "$work/generated.txt" "$work/cli.txt" || { echo "c: $router: another margin under sanitizers" >&2; exit 1; }
    sanitized=yes
    tried="$tried, sanitizers"
  fi
  echo "c: $router: $(stat -c %s "$work/router.c") bytes of source, $(wc -l < "$work/cli.txt") queries, every margin the same bits ($(echo $tried))"
done
[ -n "$sanitized" ] || echo "c: sanitizers NOT TRIED: gcc has none here"
