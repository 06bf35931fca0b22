#!/usr/bin/env bash
# Fuzzes weight files: RIDDLE_FUZZ_RUNS executions (default 1,000,000), shared among RIDDLE_FUZZ_JOBS processes (default:
# one per core) with seeds of their own, from the committed corpus. Finds are written to OUTPUT-FOLDER/findings.
#
#   run.sh OUTPUT-FOLDER            fuzz
#   run.sh OUTPUT-FOLDER replay     run the committed corpus once, every input on its own
#   run.sh OUTPUT-FOLDER minimise   replace the committed corpus by a small one with the same coverage, seeds kept
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
out=$(mkdir -p "$1" && cd "$1" && pwd)
fuzzer="$out/fuzz-weight-file"
corpus="$here/corpus"
rm -f "$fuzzer"
bash "$here/build.sh" "$out" 2>&1 | grep -vE 'Cannot export local symbol' >&2 || true
[ -x "$fuzzer" ] || { echo "fuzz: the fuzzer was not built" >&2; exit 1; }
# Freed memory is watched for 16 MB instead of 256 MB, far more than one execution frees: with pages that stay in the
# caches twice as many executions a second.
export ASAN_OPTIONS="quarantine_size_mb=16:malloc_context_size=8${ASAN_OPTIONS:+:$ASAN_OPTIONS}"
options=(-max_len=4096 -rss_limit_mb=512 -malloc_limit_mb=64 -timeout=5 -print_final_stats=1)
case "${2:-fuzz}" in
replay)
  "$fuzzer" -rss_limit_mb=512 -timeout=5 "$corpus"/* > "$out/replay.txt" 2>&1 || { tail -n 40 "$out/replay.txt" >&2; exit 1; }
  echo "fuzz: $(ls "$corpus" | wc -l) inputs of the corpus replayed with AddressSanitizer, no finding"
  ;;
minimise)
  # The seeds and the fewest inputs that reach every edge of the code that the others reach.
  rm -rf "$out/small"
  mkdir -p "$out/small"
  cp "$corpus"/seed-* "$out/small"
  "$fuzzer" -set_cover_merge=1 -use_counters=0 -max_len=2048 -rss_limit_mb=512 "$out/small" "$corpus" "$out"/corpus.* \
    > "$out/merge.txt" 2>&1
  find "$corpus" -type f -delete
  cp "$out/small"/* "$corpus"
  echo "fuzz: corpus of $(ls "$corpus" | wc -l) inputs, $(cat "$corpus"/* | wc -c) bytes"
  ;;
fuzz)
  runs=${RIDDLE_FUZZ_RUNS:-1000000}
  jobs=${RIDDLE_FUZZ_JOBS:-$(nproc)}
  mkdir -p "$out/findings"
  start=$(date +%s.%N)
  pids=()
  for ((k = 1; k <= jobs; k++)); do
    mkdir -p "$out/corpus.$k"
    "$fuzzer" "${options[@]}" -runs=$(((runs + jobs - 1) / jobs)) -seed=$((${RIDDLE_FUZZ_SEED:-1} * 1000 + k)) \
      -artifact_prefix="$out/findings/" "$out/corpus.$k" "$corpus" > "$out/log.$k" 2>&1 &
    pids+=($!)
  done
  failed=0
  for pid in "${pids[@]}"; do wait "$pid" || failed=1; done
  seconds=$(awk "BEGIN { print $(date +%s.%N) - $start }")
  executed=$(sed -n 's/^stat::number_of_executed_units: *//p' "$out"/log.* | awk '{ n += $1 } END { print n + 0 }')
  coverage=$(sed -nE 's/.*DONE +cov: ([0-9]+).*/\1/p' "$out"/log.* | sort -n | tail -n 1)
  echo "fuzz: $executed executions in $(printf %.0f "$seconds") s, $(awk "BEGIN { printf \"%.0f\", $executed / $seconds }") a second," \
    "$jobs processes, seed ${RIDDLE_FUZZ_SEED:-1}, coverage ${coverage:-?}; findings: $(find "$out/findings" -type f | wc -l)"
  if [ "$failed" = 1 ]; then
    grep -hE 'ERROR|SUMMARY|Fatal error|Precondition|Test unit written' "$out"/log.* >&2 || true
    exit 1
  fi
  ;;
*) echo "usage: run.sh OUTPUT-FOLDER [fuzz|replay|minimise]" >&2; exit 64 ;;
esac
