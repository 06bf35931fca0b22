#!/usr/bin/env bash
# Compiles exported Swift files into a program of a package of its own, which depends on this one for RiddleRuntime, and
# holds its margins against the command line's: the same bits for every query.
#
#   swift_check.sh RIDDLE-PROGRAM FOLDER ROUTER...
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
riddle="$1"
work="$2/swift"
shift 2
mkdir -p "$work/Sources/decide"
cat > "$work/Package.swift" <<END
// swift-tools-version: 6.2
import PackageDescription

let package = Package(
  name: "decide",
  dependencies: [.package(name: "riddle", path: "$root")],
  targets: [
    .executableTarget(
      name: "decide", dependencies: [.product(name: "RiddleRuntime", package: "riddle")],
      swiftSettings: [.treatAllWarnings(as: .error)])
  ],
  swiftLanguageModes: [.v6]
)
END
number=0
rm -f "$work"/Sources/decide/*.swift
for router in "$@"; do
  number=$((number + 1))
  "$riddle" export "$router" --to "$work/Sources/decide/Router$number.swift" --as swift --name "Router$number" --quiet > /dev/null
done
{
  echo "import Glibc"
  echo "import RiddleRuntime"
  echo
  echo "// Margin bits of every line of standard input; the argument is the number of the router."
  echo "@main enum Decide {"
  echo "  static func main() {"
  echo "    switch CommandLine.arguments.last ?? \"\" {"
  for i in $(seq "$number"); do
    echo "    case \"$i\": decide(Router$i.router, Router$i.decide, Router$i.candidates)"
  done
  cat <<'END'
    default: fatalError("the number of a router is missing")
    }
  }

  static func decide(
    _ router: Router,
    _ decide: ([UInt8], RequestContext, [Float], inout FeatureVector) -> Decision,
    _ candidates: [String]
  ) {
    precondition(candidates.count == router.candidates.count)
    var scratch = router.makeScratch()
    var line: [UInt8] = []
    while true {
      let byte = getchar()
      if byte < 0 || byte == 10 {
        if byte < 0 && line.isEmpty { break }
        let decision = decide(line, RequestContext(), [], &scratch)
        let digits = String(decision.margin.bitPattern, radix: 16)
        let bits = String(repeating: "0", count: 16 - digits.utf8.count) + digits
        print("\(bits) \(candidates[decision.candidate])")
        line.removeAll(keepingCapacity: true)
      } else {
        line.append(UInt8(byte))
      }
    }
  }
}
END
} > "$work/Sources/decide/Decide.swift"
swift build --package-path "$work" > "$work/build.log" 2>&1 || { grep -E 'error|warning' "$work/build.log" | head -n 20 >&2; echo "swift: does not compile" >&2; exit 1; }
python3 "$here/queries.py" > "$work/queries.txt"
number=0
for router in "$@"; do
  number=$((number + 1))
  "$work/.build/debug/decide" "$number" < "$work/queries.txt" > "$work/generated.txt"
  "$riddle" score "$router" --format text --quiet < "$work/queries.txt" | python3 "$here/../Bindings/margin_bits.py" > "$work/cli.txt"
  cmp "$work/generated.txt" "$work/cli.txt" || { echo "swift: $router: another margin" >&2; exit 1; }
  echo "swift: $router: $(stat -c %s "$work/Sources/decide/Router$number.swift") bytes of source, $(wc -l < "$work/cli.txt") queries, every margin the same bits"
done
