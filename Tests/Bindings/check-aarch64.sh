#!/usr/bin/env bash
# Runs the C example for 64-bit ARM under emulation: the same margin bits as here, for 10 000 queries and every committed model.
#
#   check-aarch64.sh AARCH64-LIBRARY LIBRARY
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
example="$root/Sources/Bindings/c/example.c"
aarch64-linux-gnu-gcc -O2 -Wall -Wextra -Werror -static -I "$1" "$example" "$1/libriddle.a" -o "$work/arm"
aarch64-linux-gnu-gcc -O2 -I "$1" "$example" -L "$1" -lriddle -Wl,-rpath,"$(realpath "$1")" -o "$work/arm-shared"
${CC:-cc} -O2 -I "$2" "$example" "$2/libriddle.a" -o "$work/here"
needed=$(aarch64-linux-gnu-readelf -d "$1/libriddle.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort -u | tr '\n' ' ')
[ "$needed" = "libc.so.6 " ] || { echo "library-aarch64: needs '$needed', expected libc.so.6 alone" >&2; exit 1; }
python3 "$here/hostile_queries.py" "$here/golden-queries.txt" > "$work/queries"
found=0
for router in "$root"/models/*/router.riddle; do
  "$work/here" "$router" < "$work/queries" > "$work/here.txt"
  for program in arm arm-shared; do
    qemu-aarch64-static -L /usr/aarch64-linux-gnu "$work/$program" "$router" < "$work/queries" > "$work/arm.txt"
    cmp "$work/arm.txt" "$work/here.txt" || { echo "library-aarch64: $router: other margins" >&2; exit 1; }
  done
  found=$((found + 1))
done
[ "$(wc -l < "$work/arm.txt")" -eq 10000 ]
echo "library-aarch64: $found models × 10 000 queries: the same margin bits under qemu-aarch64; needs libc.so.6 alone"
