#!/usr/bin/env bash
# 64 threads on one router under ThreadSanitizer, and the damaged files under AddressSanitizer: the C library and its
# test programs, both built with the sanitizer, the programs (C; swiftc has none on Linux) with
# UndefinedBehaviorSanitizer too. Prints what was checked; any report fails.
#
#   sanitize.sh WORK-FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work="$1"
mkdir -p "$work"
clang=$(dirname "$(command -v swiftc)")/clang
[ -x "$clang" ] || { echo "sanitize: no clang beside swiftc; nothing was checked" >&2; exit 1; }
# Swift's own ThreadSanitizer watches libdispatch, and so needs it.
libraries=$(dirname "$(dirname "$clang")")/lib/swift/linux
cd "$root"
queries=$(ls Tests/*/golden-queries.txt | head -n 1)
for sanitizer in thread address; do
  dispatch=""
  if [ "$sanitizer" = thread ]; then dispatch="-L$libraries -ldispatch -lBlocksRuntime -Wl,-rpath,$libraries"; fi
  RIDDLE_EMBEDDED=1 "${SWIFT:-swift}" build -c release --product riddle-c --sanitize="$sanitizer" \
    --scratch-path "$work/$sanitizer" 2>&1 | (grep -E 'error|warning: unre' || true)
  for program in threads faults; do
    # shellcheck disable=SC2086
    "$clang" -O1 -g -fsanitize="$sanitizer",undefined -fno-sanitize-recover=undefined -I Sources/CRiddle/include "Tests/Faults/$program.c" \
      "$work/$sanitizer/release/libriddle-c.a" -lm -lpthread $dispatch -o "$work/$program-$sanitizer" \
      2> "$work/link.txt" || { cat "$work/link.txt" >&2; exit 1; }
  done
done
first=""
for router in models/*/router.riddle; do
  first=${first:-$router}
  echo "sanitize: $router, ThreadSanitizer: $(TSAN_OPTIONS=halt_on_error=1 "$work/threads-thread" "$router" "$queries")"
  echo "sanitize: $router, AddressSanitizer: $("$work/threads-address" "$router" "$queries")"
done
# The proof that the library is watched: one scratch in all threads is a race, and must be reported.
TSAN_OPTIONS=halt_on_error=1 "$work/threads-thread" "$first" "$queries" race > "$work/race.txt" 2>&1 \
  && { echo "sanitize: a deliberate race was not found" >&2; exit 1; }
grep -qE "ThreadSanitizer: .*race" "$work/race.txt" || { cat "$work/race.txt" >&2; exit 1; }
"$work/faults-address" --edits-every 7 Tests/Fuzz/corpus/seed-*.riddle > "$work/faults.txt" 2>&1 \
  || { cat "$work/faults.txt" >&2; exit 1; }
echo "sanitize: $(grep -c tried "$work/faults.txt") kinds of damage under AddressSanitizer; no report"
