#!/usr/bin/env bash
# Builds the fuzzer of weight files: sources of RiddleRuntime and RiddleExport and the target in one module, with
# libFuzzer, AddressSanitizer and the checks of UndefinedBehaviorSanitizer that Swift code keeps by trapping itself.
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
