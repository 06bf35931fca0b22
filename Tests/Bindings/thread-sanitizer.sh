#!/usr/bin/env bash
# The library under ThreadSanitizer: 64 threads share one router (contract.c), on every 20th of the 10 000 queries.
# Compiles RiddleABI anew with the sanitizer; the allocations are not counted here, because it allocates itself.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
language=(-swift-version 6 -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
  -enable-upcoming-feature NonisolatedNonsendingByDefault -enable-experimental-feature Embedded -parse-as-library -wmo -O)
mapfile -t runtime < <(find "$root/Sources/RiddleRuntime" -name '*.swift' | sort)
swiftc "${language[@]}" -module-name RiddleRuntime -emit-module -emit-module-path "$work/RiddleRuntime.swiftmodule" "${runtime[@]}"
swiftc "${language[@]}" -sanitize=thread -module-name RiddleABI -I "$work" -I "$root/Sources/CRiddle/include" \
  "$root"/Sources/RiddleABI/*.swift -c -o "$work/library.o"
[ "$(nm "$work/library.o" | grep -c ' U __tsan_.*read')" -gt 0 ] || { echo "thread sanitizer: the library is not instrumented" >&2; exit 1; }
swift_folder=$(dirname "$(dirname "$(readlink -f "$(command -v swiftc)")")")
real=$(for name in malloc calloc realloc posix_memalign aligned_alloc; do echo "-Wl,--defsym=__real_$name=$name"; done)
"$swift_folder/bin/clang" -fsanitize=thread -O1 -g -pthread -DDOES_NOT_COUNT -I "$root/Sources/CRiddle/include" "$here/contract.c" \
  "$work/library.o" $real -L "$swift_folder/lib/swift/linux" -Wl,-rpath,"$swift_folder/lib/swift/linux" \
  -ldispatch -lBlocksRuntime -o "$work/contract"
python3 "$here/hostile_queries.py" "$here/golden-queries.txt" 20 > "$work/queries"
for router in "$root"/models/*/router.riddle; do
  "$work/contract" "$router" < "$work/queries" > "$work/out.txt"
  [ "$(wc -l < "$work/out.txt")" -eq 500 ]
done
echo "thread sanitizer: 1, 8 and 64 threads on one router, no finding"
