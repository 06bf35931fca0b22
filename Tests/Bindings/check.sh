#!/usr/bin/env bash
# Holds the C library against its promises: size, needed libraries, and the same margin bits from every language, build,
# thread count and locale, for 10 000 queries of any bytes and every committed model.
#
#   check.sh LIBRARY RIDDLE SWIFT-EXAMPLE
#
# LIBRARY is the folder that `make library` made, RIDDLE the command line, SWIFT-EXAMPLE the program of Sources/Bindings/swift.
# A language that is not installed is left out, and the last lines say so and how to install it.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
library=$(cd "$1" && pwd)
riddle=$(realpath "$2")
swift_example=$(realpath "$3")
bindings="$root/Sources/Bindings"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
fail() { echo "library: $*" >&2; exit 1; }
left_out=()

# Size and needs. An archive also carries the tables that the linker uses up, so its code is what is limited.
limit=100000
shared=$(stat -c %s "$library/libriddle.so.1")
code=$(size "$library/libriddle.a" | awk 'NR > 1 { sum += $1 + $2 + $3 } END { print sum }')
[ "$shared" -le "$limit" ] || fail "libriddle.so.1 has $shared bytes, more than $limit"
[ "$code" -le "$limit" ] || fail "libriddle.a has $code bytes of code and data, more than $limit"
needed=$(readelf -d "$library/libriddle.so" | sed -n 's/.*NEEDED.*\[\(.*\)\]/\1/p' | sort -u | tr '\n' ' ')
[ "$needed" = "libc.so.6 " ] || fail "libriddle.so needs '$needed', expected libc.so.6 alone"

# One program for each language; each prints the bits of a margin and the candidate, query by query.
cc=${CC:-cc}
cxx=${CXX:-c++}
strict="-O2 -Wall -Wextra -Werror"
wrapped="-Wl,--wrap=malloc,--wrap=calloc,--wrap=realloc,--wrap=posix_memalign,--wrap=aligned_alloc"
programs=()
$cc $strict -std=c99 -pedantic -fsyntax-only -x c "$library/riddle.h"
$cc $strict -I "$library" "$bindings/c/example.c" "$library/libriddle.a" -o "$work/c-static"
$cc $strict -I "$library" "$bindings/c/example.c" -L "$library" -lriddle -Wl,-rpath,"$library" -o "$work/c-shared"
$cc $strict -pthread -I "$library" "$here/contract.c" "$library/libriddle.a" $wrapped -o "$work/contract"
programs+=("$work/c-static" "$work/c-shared" "$work/contract" "$swift_example" "$library/riddle.py")
if command -v "$cxx" >/dev/null; then
  $cxx $strict -std=c++17 -I "$library" "$bindings/cpp/example.cpp" "$library/libriddle.a" -o "$work/cpp"
  programs+=("$work/cpp")
else
  left_out+=("C++: apt-get install g++")
fi
if command -v go >/dev/null; then
  cp -r "$library" "$work/folder"
  (cd "$work/folder/go" && GOFLAGS=-mod=mod GOCACHE="${GOCACHE:-$work/go-cache}" CGO_ENABLED=1 go build -o "$work/go" ./example)
  programs+=("$work/go")
else
  left_out+=("Go: apt-get install golang-go")
fi
node_headers=${NODE_HEADERS:-/usr/include/node}
if command -v node >/dev/null && [ -f "$node_headers/node_api.h" ]; then
  $cc $strict -shared -fPIC -I "$node_headers" -I "$library" "$library/node/riddle_node.c" "$library/libriddle.a" \
    -o "$work/riddle.node"
  printf '#!/bin/sh\nRIDDLE_NODE="%s" exec node "%s/node/example.js" "$@"\n' "$work/riddle.node" "$library" > "$work/node"
  chmod +x "$work/node"
  programs+=("$work/node")
else
  left_out+=("Node: apt-get install nodejs libnode-dev, or NODE_HEADERS=folder of node_api.h")
fi
printf '#!/bin/sh\nexec python3 -c "import sys; sys.modules[\\"numpy\\"] = None; sys.path.insert(0, sys.argv.pop(1)); import riddle; riddle._main(sys.argv[1:])" "%s" "$@"\n' \
  "$library" > "$work/python-without-numpy"
chmod +x "$work/python-without-numpy"
programs+=("$work/python-without-numpy")
python3 -c 'import numpy' 2>/dev/null || left_out+=("Python with numpy arrays: pip install numpy")

# A German locale writes 1,5: numbers must not come from a text.
if ! locale -a 2>/dev/null | grep -qi '^de_DE\.utf-\?8$'; then
  export LOCPATH="$work/locale"
  mkdir -p "$LOCPATH"
  if ! { command -v localedef >/dev/null && localedef -i de_DE -f UTF-8 "$LOCPATH/de_DE.UTF-8" 2>/dev/null; }; then
    left_out+=("locale de_DE.UTF-8: apt-get install locales")
    unset LOCPATH
  fi
fi
german=1
case "${left_out[*]-}" in *locale*) german=0 ;; esac

queries="$work/queries.netstrings"
python3 "$here/hostile_queries.py" "$here/golden-queries.txt" > "$queries"
found=0
for router in "$root"/models/*/router.riddle; do
  found=$((found + 1))
  name=$(basename "$(dirname "$router")")
  "$riddle" score "$router" --format netstrings --quiet < "$queries" | python3 "$here/margin_bits.py" > "$work/expected.txt"
  [ "$(wc -l < "$work/expected.txt")" -eq 10000 ] || fail "$name: the command line gave $(wc -l < "$work/expected.txt") lines"
  for program in "${programs[@]}"; do
    "$program" "$router" < "$queries" > "$work/found.txt" || fail "$name: $(basename "$program") failed"
    cmp -s "$work/found.txt" "$work/expected.txt" \
      || fail "$name: $(basename "$program") and the command line differ: $(cmp "$work/found.txt" "$work/expected.txt" 2>&1 || true)"
  done
  if [ $german = 1 ]; then
    export LC_ALL=de_DE.UTF-8
    "$riddle" score "$router" --format netstrings --quiet < "$queries" | python3 "$here/margin_bits.py" > "$work/cli.txt"
    EXPECT_COMMA=1 "$work/contract" "$router" < "$queries" > "$work/c.txt"
    "$library/riddle.py" "$router" < "$queries" > "$work/python.txt"
    unset LC_ALL
    for language in cli c python; do
      cmp -s "$work/$language.txt" "$work/expected.txt" || fail "$name: $language decides differently in German"
    done
  fi
  # As lines, where a query has no newline: the golden ones.
  "$riddle" score "$router" --format text --quiet < "$here/golden-queries.txt" | python3 "$here/margin_bits.py" > "$work/lines.txt"
  cmp -s "$work/lines.txt" <(head -n 1000 "$work/expected.txt") || fail "$name: lines and netstrings decide differently"
  head -c 1000 "$router" > "$work/short.riddle"
  for program in "${programs[@]}"; do
    if "$program" "$work/short.riddle" "a query" < /dev/null > "$work/out.txt" 2> "$work/err.txt"; then
      fail "$(basename "$program") accepted a truncated file"
    fi
    [ ! -s "$work/out.txt" ] || fail "$(basename "$program") scored with a truncated file"
    grep -q . "$work/err.txt" || fail "$(basename "$program") did not say why it refused a truncated file"
  done
done
[ "$found" -gt 0 ] || fail "no committed model to score with"
python3 "$here/readme_examples.py" "$root/README.md" "$library" "$router" "$riddle" "$(dirname "$swift_example")"
python3 "$here/binding_tests.py" "$library" "$root"/models/*/router.riddle
echo "library: $found models × 10 000 queries: the same margin bits from the command line, $(for p in "${programs[@]}"; do
  basename "$p"; done | paste -sd, | sed 's/,/, /g');" \
  "1, 8 and 64 threads; batches; locale $([ $german = 1 ] && echo de_DE || echo C alone); 0 allocations per call"
echo "library: libriddle.so $shared bytes, libriddle.a $code bytes of code and data in a file of" \
  "$(stat -c %s "$library/libriddle.a"), both need libc.so.6 alone"
for item in ${left_out[@]+"${left_out[@]}"}; do echo "library: LEFT OUT: $item"; done
