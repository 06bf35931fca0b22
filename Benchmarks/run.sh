#!/usr/bin/env bash
# Speed and quality beside scikit-learn, on the same data in the same minutes. `make bench` builds and calls this.
#
#   RIDDLE_DATA=FOLDER   folder with routellm_mmlu.jsonl.gz and routellm_gsm8k.jsonl.gz in Riddle's JSONL;
#                        without it the support-desk data are timed and quality is skipped
#   RIDDLE_BENCH="scorer train imports quality speed"   which benches to run; scoring, promises and
#                        evaluation only when named
#   RIDDLE_BENCH=duplicates  near-duplicates of a million synthetic queries (RIDDLE_ROWS=N), alone; needs no data
#   RIDDLE_LARGE=1       speed also at 1 000 000 rows: half an hour, 6 GB
#   RIDDLE_FOLDS=FILE    identifier, tab, fold of every row of RouteLLM's data, for quality; else five seeded folds
#   RIDDLE_REPEATS=3     rounds of the learners of text; the fastest of each counts (default 1)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
export PYTHONDONTWRITEBYTECODE=1
# One BLAS thread is the faster setting for these peers on two cores: with more, the fit of sparse rows waits for them.
export OPENBLAS_NUM_THREADS=1 OMP_NUM_THREADS=1

if ! command -v python3 >/dev/null; then
  echo "bench: needs python3: apt-get install python3 python3-venv" >&2
  exit 1
fi
python=python3
if ! python3 -c 'import numpy, scipy, sklearn' 2>/dev/null; then
  venv="${TMPDIR:-/tmp}/riddle-bench-venv-$(id -u)"
  if ! "$venv/bin/python3" -c 'import numpy, scipy, sklearn' 2>/dev/null; then
    echo "installing numpy, scipy and scikit-learn into $venv"
    python3 -m venv "$venv" && "$venv/bin/pip" install --quiet numpy scipy scikit-learn
  fi
  python="$venv/bin/python3"
fi

counter=""
if compiler=$(command -v cc || command -v clang); then
  counter="$work/allocations.so"
  "$compiler" -O2 -fno-builtin -shared -fPIC -o "$counter" Benchmarks/allocations.c
fi

if [ "${RIDDLE_BENCH:-}" = duplicates ]; then
  echo "machine: $(nproc --all) processors, $(uname -m), load $(cut -d' ' -f1 /proc/loadavg) (above 0.5, others work here too)"
  "$python" Benchmarks/duplicates.py --riddle-bench .build/release/riddle-bench --rows "${RIDDLE_ROWS:-1000000}"
  exit
fi

benches=${RIDDLE_BENCH:-scorer train imports quality speed}
data=${RIDDLE_DATA:-}
if [ -n "$data" ]; then
  for name in routellm_gsm8k routellm_mmlu; do
    if [ ! -f "$data/$name.jsonl.gz" ]; then
      echo "bench: RIDDLE_DATA=$data has no $name.jsonl.gz" >&2
      exit 1
    fi
  done
  files=("$data/routellm_gsm8k.jsonl.gz" "$data/routellm_mmlu.jsonl.gz")
  candidates=mixtral-8x7b-instruct-v0.1,gpt-4-1106-preview
  name="RouteLLM's MMLU"
  penalty=1
else
  echo "RIDDLE_DATA is not set: train speed, the scorer and import run on datasets/support-desk;"
  echo "skipped: quality (it needs RouteLLM's outcomes: see Benchmarks/README.md)"
  echo
  files=(datasets/support-desk/support-desk.jsonl.gz)
  candidates=small,large
  name=support-desk
  penalty=0.3
  benches=${benches//quality/}
fi

echo "machine: $(nproc --all) processors, $(uname -m), load $(cut -d' ' -f1 /proc/loadavg) (above 0.5, others work here too)"
"$python" -c 'import sys, numpy, scipy, sklearn
print("peers: Python", sys.version.split()[0] + ", scikit-learn", sklearn.__version__ + ", numpy", numpy.__version__ + ", scipy", scipy.__version__)'
echo
others=${benches//speed/}
others=${others//quality/}
others=${others//promises/}
others=${others//evaluation/}
others=${others//scorer/}
if [[ " $benches " == *" scorer "* ]]; then
  scorer_python=$python
  if ! "$python" -c 'import fasttext, litellm, m2cgen' 2>/dev/null; then
    venv="${TMPDIR:-/tmp}/riddle-bench-peers-$(id -u)"
    if ! "$venv/bin/python3" -c 'import fasttext, litellm, m2cgen, sklearn' 2>/dev/null; then
      echo "installing the scorer's peers into $venv"
      python3 -m venv "$venv" && "$venv/bin/pip" install --quiet \
        scikit-learn fasttext-numpy2-wheel litellm==1.106.2 m2cgen || echo "bench: some peers are not installed and are left out below"
    fi
    if [ -x "$venv/bin/python3" ]; then scorer_python=$venv/bin/python3; fi
  fi
  "$scorer_python" Benchmarks/scorer.py --riddle .build/release/riddle --riddle-bench .build/release/riddle-bench \
    --data "${files[@]}" --candidates "$candidates" --folder "$work" --counter "$counter"
  echo
fi
if [ -n "${others// /}" ]; then
  # shellcheck disable=SC2086
  "$python" Benchmarks/bench.py --riddle .build/release/riddle --riddle-bench .build/release/riddle-bench \
    --data "${files[@]}" --candidates "$candidates" --name "$name" --folder "$work" --counter "$counter" \
    --penalty "$penalty" --inverse-penalty 3 --only $others
fi
quality() {
  "$python" Benchmarks/quality.py --riddle-bench .build/release/riddle-bench "$@"
}
if [[ " $benches " == *" quality "* ]]; then
  both=(--name "GSM8K and MMLU" --data "${files[@]}" --candidates "$candidates" --gap-prefix mmlu/)
  quality "${both[@]}" --folds "${RIDDLE_FOLDS:-random}" --targets auc=0.722,logLoss=0.557,ece=0.010,apgr=0.685 \
    --peers tfidf,ngrams-statistics,characters-statistics,lightgbm
  quality "${both[@]}" --folds groups \
    --settings "--model stack --characters 1 --bucket-bits 18 --inner-folds 5 --targets success --unit group"
  # Fifty-eight stacks would take an hour: logistic regression beside the peer that reads the same.
  quality "${both[@]}" --folds each-group --peers ngrams-statistics \
    --settings "--model logistic --targets success --unit group"
  # The cheapest candidate and the one that is right most often.
  while read -r log pair; do
    if [ -f "$data/$log.jsonl.gz" ]; then
      quality --name "$log" --data "$data/$log.jsonl.gz" --candidates "$pair"
    else
      echo "left out: quality on $log (RIDDLE_DATA has no $log.jsonl.gz)"
    fi
  done <<'LOGS'
zeroeval_gsm8k llama-3-8b-instruct,claude-3-5-sonnet-20241022
zeroeval_crux llama-3-8b-instruct,gpt-4o-2024-08-06
zeroeval_math_l5 gemma-2-9b-it,claude-3-5-sonnet-20241022
mmlu_pro mistral-7b-instruct-v0.2,gemini-1.5-pro-002
LOGS
fi
if [[ " $benches " == *" speed "* ]]; then
  # Learners of text, trees on its statistics, dense regression, whole commands: each on one processor and on two.
  "$python" Benchmarks/speed.py --data "${files[@]}" --candidates "$candidates" --folder "$work" \
    --riddle-bench .build/release/riddle-bench --repeats "${RIDDLE_REPEATS:-1}" ${RIDDLE_LARGE:+--large}
  echo
  if "$python" -c 'import lightgbm' 2>/dev/null; then
    "$python" Benchmarks/trees.py --riddle-bench .build/release/riddle-bench \
      --texts "$work/rows15000.jsonl" "$work/rows200000.jsonl"
  else
    echo "left out: trees (pip install lightgbm)"
  fi
  echo
  "$python" Benchmarks/dense.py --riddle-bench .build/release/riddle-bench
  echo
  "$python" Benchmarks/commands.py --riddle .build/release/riddle --data "${files[@]}" --candidates "$candidates" \
    --folder "$work" --sizes "15000,200000${RIDDLE_LARGE:+,1000000}"
fi
if [[ " $benches " == *" promises "* ]]; then
  # The table goes to standard error, the same as JSON to standard output.
  .build/release/riddle-bench promises --draws 1000 2>&1 >/dev/null
fi
if [[ " $benches " == *" evaluation "* ]] && ! "$python" -c 'import pandas' 2>/dev/null; then
  echo "left out: evaluation (pip install pandas)"
elif [[ " $benches " == *" evaluation "* ]]; then
  # Fourteen thousand rows with five routers and with ten, then a million rows; the peer's replicates are few, it is slow.
  for setting in "--rows 14000 --routers 5" "--rows 14000 --routers 10" \
    "--rows 1000000 --routers 1 --peer-replicates 2"; do
    # shellcheck disable=SC2086
    "$python" Benchmarks/evaluation.py --riddle-bench .build/release/riddle-bench $setting
  done
fi
