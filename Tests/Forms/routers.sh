#!/usr/bin/env bash
# Trains one small router of every kind on the embedded data set, for the comparisons of the generated forms.
#
#   routers.sh RIDDLE-PROGRAM FOLDER
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
riddle="$1"
out="$2"
mkdir -p "$out"
zcat "$root/datasets/support-desk/support-desk.jsonl.gz" | head -n 3000 > "$out/rows.jsonl" || true
train() { # train NAME CANDIDATES OPTIONS…: the folder NAME, unless it is there already
  local name="$1" candidates="$2"
  shift 2
  [ -e "$out/$name/router.riddle" ] && return
  "$riddle" train --data "$out/rows.jsonl" --candidates "$candidates" --output "$out/$name" --seed 7 \
    --replicates 0 --quiet "$@" > /dev/null || { echo "forms: training $name failed" >&2; exit 1; }
}
two=small,large
three=small,medium,large
train wide "$three" --target weak-fails --characters 3-5 --bucket-bits 12 --precision float32 --l2 3
train words "$two" --target strong-wins --bucket-bits 10 --l2 3 --calibration isotonic
train stack "$two" --target strong-wins --model stack --bucket-bits 10
train classes "$three" --target weak-fails --form multinomial --bucket-bits 10 --l2 3
train boosted "$three" --target weak-fails --model boosted
train tree "$three" --target weak-fails --model tree
train success-trees "$three" --target success --model boosted --calibration isotonic
train plain "$two" --target strong-wins --features statistics --calibration isotonic --l2 3
train plain-classes "$three" --target weak-fails --features statistics --form multinomial --l2 3
train success-plain "$three" --target success --features statistics --calibration platt --l2 3
