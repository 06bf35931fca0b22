#!/usr/bin/env bash
# Builds the folder that production copies from the objects of the embedded build, and says what is in it.
#
#   build.sh OUT CROSS-PREFIX OBJECT...
#
# The objects are those of RiddleABI from the embedded build: they contain what they use of RiddleRuntime. CROSS-PREFIX names
# the binutils and the compiler of another machine, for example aarch64-linux-gnu-; it is empty for this one.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$1
cross=$2
objects=("${@:3}")
cc=${cross}gcc
[ -n "$cross" ] || cc=${CC:-cc}
version=1  # of the shared object's name: changes only if a caller would have to be compiled anew
header="$here/../CRiddle/include/riddle.h"
exports=$(sed -n 's/^[a-z].*[ *]\(riddle_[a-z_]*\)(.*/\1/p' "$header" | sort -u)
compiled=$("${cross}nm" "${objects[@]}" | sed -n 's/.* T \(riddle_.*\)/\1/p' | sort -u)
[ "$exports" = "$compiled" ] || { echo "library: riddle.h declares '$exports', compiled are '$compiled'" >&2; exit 1; }

rm -rf "$out"
mkdir -p "$out"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
roots=$(for name in $exports; do echo "-u $name"; done)

# One object with the functions of riddle.h and what they reach. Other names become numbers: none can clash with a name of
# the program, and the compiler's take 20 KB.
"${cross}ld" -r --gc-sections $roots -o "$work/reached.o" "${objects[@]}"
"${cross}ld" -r -T "$here/c/objects.ld" -o "$work/riddle.o" "$work/reached.o"
for name in $exports; do echo "$name"; done > "$work/exports"
"${cross}objcopy" --strip-debug --strip-unneeded --keep-global-symbols="$work/exports" "$work/riddle.o"
"${cross}nm" --defined-only "$work/riddle.o" | awk '$2 != "T" && $3 ~ /^\$/ { print $3, "s" NR }' > "$work/short"
"${cross}objcopy" --redefine-syms="$work/short" "$work/riddle.o"
"${cross}ar" rcsD "$out/libriddle.a" "$work/riddle.o"

# -z noseparate-code: one page-aligned segment less each for headers and constants, 8 KB of padding.
"$cc" -shared -o "$out/libriddle.so.$version" "$work/riddle.o" -Wl,--gc-sections -Wl,--version-script="$here/c/riddle.map" \
  -Wl,-z,defs -Wl,-z,relro -Wl,-z,now -Wl,-z,noexecstack -Wl,-z,noseparate-code -Wl,-soname,"libriddle.so.$version" -s
ln -s "libriddle.so.$version" "$out/libriddle.so"

cp "$header" "$here/cpp/riddle.hpp" "$here/python/riddle.py" "$out/"
cp -r "$here/go" "$here/node" "$out/"
abi=$(sed -n 's/^#define RIDDLE_ABI_VERSION \([0-9]*\)$/\1/p' "$header")
cat > "$out/riddle.pc" <<PC
prefix=\${pcfiledir}

Name: riddle
Description: Scorer of Riddle weight files
Version: $version.$abi
Libs: -L\${prefix} -lriddle
Cflags: -I\${prefix}
PC

needed=$("${cross}readelf" -d "$out/libriddle.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort -u | tr '\n' ' ')
echo "$out: contract version $abi, $(wc -w <<< "$exports") functions"
echo "  libriddle.so.$version  $(stat -c %s "$out/libriddle.so.$version") bytes, needs $needed"
echo "  libriddle.a  $(stat -c %s "$out/libriddle.a") bytes, of which $("${cross}size" "$out/libriddle.a" |
  awk 'NR > 1 { sum += $1 + $2 + $3 } END { print sum }') are code and data: the rest is for the linker"
echo "  riddle.h riddle.hpp riddle.py riddle.pc go/ node/"
