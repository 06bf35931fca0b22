#!/usr/bin/env bash
# Compiles RiddleABI and what it uses of RiddleRuntime for 64-bit ARM into one object.
#
#   compile-aarch64.sh OUT.o
#
# The toolchain has Embedded Swift's library for aarch64-none-none-elf, not for Linux. The code is the same: it calls malloc's
# like, memset and memcpy, nothing of an operating system. The flags are those of Package.swift; stack protection is off
# because without an operating system the compiler would look for its guard outside of libc.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
language=(-swift-version 6 -enable-upcoming-feature ExistentialAny -enable-upcoming-feature MemberImportVisibility
  -enable-upcoming-feature NonisolatedNonsendingByDefault -enable-experimental-feature Embedded)
target=(-target aarch64-none-none-elf -parse-as-library -wmo -Xcc -ffreestanding -Xcc -fPIC)
small=(-Osize -Xfrontend -function-sections -Xfrontend -mergeable-traps -Xfrontend -disable-stack-protector)
mapfile -t runtime < <(find "$root/Sources/RiddleRuntime" -name '*.swift' | sort)
${SWIFTC:-swiftc} "${language[@]}" "${target[@]}" -O -module-name RiddleRuntime -emit-module \
  -emit-module-path "$work/RiddleRuntime.swiftmodule" "${runtime[@]}"
${SWIFTC:-swiftc} "${language[@]}" "${target[@]}" "${small[@]}" -module-name RiddleABI -I "$work" \
  -I "$root/Sources/CRiddle/include" "$root"/Sources/RiddleABI/*.swift -c -o "$1"
