#!/usr/bin/env bash
# Speed and memory of riddle-server over loopback: wrk on the same machine as the server. Needs wrk (apt-get install wrk). Where nginx is
# installed it answers the same requests with a constant: what this machine, its loopback and wrk allow at all.
#   server.sh [seconds per run]
set -euo pipefail
seconds=${1:-8}
root=$(cd "$(dirname "$0")/.." && pwd)
command -v wrk >/dev/null || { echo "server: LEFT OUT: apt-get install wrk"; exit 0; }
folder=$(mktemp -d)
trap 'kill "$pid" 2>/dev/null; wait "$pid" 2>/dev/null; rm -rf "$folder"' EXIT
cat > "$folder/route.lua" <<'LUA'
wrk.method = "POST"
wrk.headers["Content-Type"] = "application/json"
wrk.body = '{"messages":[{"role":"user","content":"How do I change the email address of my account?"}]}'
LUA
run() {  # name, connections, arguments of the server
  local name=$1 connections=$2 port=""; shift 2
  rm -f "$folder/out"
  "$root/.build/release/riddle-server" "$root/models/support-desk/router.riddle" --port 0 "$@" 2> "$folder/out" &
  pid=$!
  for _ in $(seq 200); do port=$(grep -oP 'listening on http://[^:]+:\K\d+' "$folder/out" 2>/dev/null || true); [ -n "$port" ] && break; sleep 0.05; done
  wrk -t1 -c"$connections" -d1s -s "$folder/route.lua" "http://127.0.0.1:$port/v1/route" >/dev/null
  wrk -t1 -c"$connections" -d"${seconds}s" --latency -s "$folder/route.lua" "http://127.0.0.1:$port/v1/route" > "$folder/wrk"
  awk -v name="$name" -v rss="$(awk '/VmRSS/ {printf "%.0f", $2 / 1024}' /proc/$pid/status)" '
    $1 == "50%" {p50 = $2} $1 == "99%" {p99 = $2} /Requests\/sec/ {rate = $2} /Non-2xx|Socket errors/ {bad = bad " " $0}
    END {printf "%-36s %9.0f /s   p50 %-8s p99 %-8s RSS %s MB%s\n", name, rate, p50, p99, rss, bad}' "$folder/wrk"
  kill "$pid"; wait "$pid" 2>/dev/null || true
}
if command -v nginx >/dev/null; then
  port=18977
  cat > "$folder/nginx.conf" <<CONF
pid $folder/nginx.pid; error_log $folder/nginx.err; worker_processes 2; events { worker_connections 512; }
http { access_log off; keepalive_requests 100000000;
  server { listen 127.0.0.1:$port; location / { default_type application/json; return 200 '{"model":"small","tier":0}'; } } }
CONF
  nginx -c "$folder/nginx.conf" -g 'daemon off;' & pid=$!
  sleep 0.5
  for connections in 1 16; do
    wrk -t1 -c"$connections" -d"${seconds}s" --latency -s "$folder/route.lua" "http://127.0.0.1:$port/v1/route" > "$folder/wrk"
    awk -v name="nginx, a constant: $connections" '$1 == "50%" {p50 = $2} $1 == "99%" {p99 = $2} /Requests\/sec/ {rate = $2}
      END {printf "%-36s %9.0f /s   p50 %-8s p99 %s\n", name, rate, p50, p99}' "$folder/wrk"
  done
  kill "$pid"; wait "$pid" 2>/dev/null || true
else echo "nginx: LEFT OUT: apt-get install nginx-light"; fi
run "1 connection" 1
run "16 connections" 16
run "64 connections" 64
run "16 connections, no features named" 16 --top-features 0
run "16 connections, decisions logged" 16 --log "$folder/log.jsonl"
