#!/usr/bin/env bash
# Builds the fuzzer of weight files: the sources of RiddleRuntime and RiddleExport and the target in one module. What is on:
#   - libFuzzer's coverage and comparisons, and AddressSanitizer, on every line of it;
#   - Swift's own checks, which trap and so are findings: overflow of whole numbers, conversions that do not fit, bounds
#     of arrays and spans, nil, exclusive access, preconditions, and with -assert-config Debug also assertions and
#     the bounds of unsafe buffers.
# UndefinedBehaviorSanitizer is not on: swiftc has none for Linux ("unsupported option '-sanitize=undefined'"), and there is
# no C in this module. `Tests/Faults/sanitize.sh` has it on for the C programs around the library, and
# `Tests/Forms/c_check.sh` for the generated C.
#
#   build.sh OUTPUT-FOLDER
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
out="$1"
mkdir -p "$out/sources"
rm -f "$out"/sources/*.swift
# One module: imports of the modules whose sources are in it go.
while IFS= read -r file; do
  name=$(echo "${file#"$root"/}" | tr '/' '_')
  sed -E '/^(public )?import Riddle(Runtime|Export)$/d' "$file" > "$out/sources/$name"
done < <(find "$root/Sources/RiddleRuntime" "$root/Sources/RiddleExport" "$here" -name '*.swift' | LC_ALL=C sort)
"${SWIFTC:-swiftc}" -swift-version 6 -O -wmo -parse-as-library -module-name RiddleFuzz -package-name riddle \
  -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility \
  -enforce-exclusivity=checked -assert-config Debug \
  -sanitize=fuzzer,address -suppress-warnings "$out"/sources/*.swift -o "$out/fuzz-weight-file"
