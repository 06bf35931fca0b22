#!/usr/bin/env bash
# The files under Sources/RiddleServer/Deploy, each by the program that reads it: systemd, Prometheus (which scrapes a running server
# with them), nginx (which speaks TLS before it), and a container engine. What is not installed is left out, aloud.
#   apt-get install prometheus nginx-light openssl systemd
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
deploy="$root/Sources/RiddleServer/Deploy"
folder=$(mktemp -d)
pids=()
trap 'kill "${pids[@]}" 2>/dev/null || true; wait 2>/dev/null; rm -rf "$folder"' EXIT
fail() { echo "deploy: FAILED: $*" >&2; exit 1; }
await() {  # seconds, command
  local end=$((SECONDS + $1)); shift
  until "$@" >/dev/null 2>&1; do [ $SECONDS -lt $end ] || return 1; sleep 0.1; done
}

"$root/.build/release/riddle-server" "$root/models/support-desk/router.riddle" --port 0 2> "$folder/server" &
pids+=($!)
await 20 grep -q 'listening on' "$folder/server" || fail "the server does not start: $(cat "$folder/server")"
port=$(grep -oP 'listening on http://[^:]+:\K\d+' "$folder/server")
for i in $(seq 20); do
  curl -sf -d "{\"input\":\"question $i\"}" "http://127.0.0.1:$port/v1/route" >/dev/null || fail "no decision"
done

if command -v systemd-analyze >/dev/null; then
  # The unit names /usr/local/bin; systemd wants the program to be there.
  sed "s|/usr/local/bin/riddle-server|$root/.build/release/riddle-server|" "$deploy/riddle-server.service" > "$folder/riddle-server.service"
  SYSTEMD_LOG_LEVEL=warning systemd-analyze verify --man=no "$folder/riddle-server.service" 2> "$folder/systemd" || fail "systemd: $(cat "$folder/systemd")"
  ! grep -q riddle-server.service: "$folder/systemd" || fail "systemd: $(cat "$folder/systemd")"
  echo "deploy: systemd takes the unit"
else echo "deploy: systemd LEFT OUT: not installed"; fi

if command -v prometheus >/dev/null; then
  cp "$deploy/riddle-rules.yml" "$folder"
  sed "s/127.0.0.1:8080/127.0.0.1:$port/; s/15s/1s/" "$deploy/prometheus.yml" > "$folder/prometheus.yml"
  promtool check config "$folder/prometheus.yml" > "$folder/promtool" 2>&1 || fail "promtool: $(cat "$folder/promtool")"
  curl -sf "http://127.0.0.1:$port/metrics" | promtool check metrics > "$folder/promtool" 2>&1 || fail "metrics: $(cat "$folder/promtool")"
  own=$((port > 60000 ? port - 1000 : port + 1000))
  prometheus --config.file="$folder/prometheus.yml" --storage.tsdb.path="$folder/data" --web.listen-address="127.0.0.1:$own" 2> "$folder/prometheus" &
  pids+=($!)
  ask() { curl -sf -G "http://127.0.0.1:$own/api/v1/query" --data-urlencode "query=$1"; }
  counted() { ask 'sum(riddle_decisions_total)' | grep -q '"20"'; }
  await 40 counted || fail "Prometheus did not count 20 decisions: $(ask 'sum(riddle_decisions_total)')"
  [ "$(curl -sf "http://127.0.0.1:$own/api/v1/rules" | grep -o '"health":"ok"' | wc -l)" -ge 1 ] || fail "rules are not evaluated"
  ! curl -sf "http://127.0.0.1:$own/api/v1/rules" | grep -q '"health":"err"' || fail "a rule cannot be evaluated"
  echo "deploy: Prometheus scrapes the server and evaluates the rules"
else echo "deploy: Prometheus LEFT OUT: not installed"; fi

if command -v nginx >/dev/null && command -v openssl >/dev/null; then
  openssl req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=llm.example.org -keyout "$folder/key" -out "$folder/pem" 2>/dev/null
  tls=$((port > 60000 ? port - 2000 : port + 2000))
  { echo "pid $folder/nginx.pid; error_log $folder/nginx.log; events {} http { access_log off;"
    sed "s|listen 443|listen 127.0.0.1:$tls|; s|/etc/ssl/llm.example.org.pem|$folder/pem|; s|/etc/ssl/llm.example.org.key|$folder/key|; s|127.0.0.1:8080|127.0.0.1:$port|" "$deploy/nginx.conf"
    echo "}"; } > "$folder/nginx.conf"
  nginx -c "$folder/nginx.conf" -g 'daemon off;' 2> "$folder/nginx.out" &
  pids+=($!)
  decided() { curl -skf -d '{"input":"a question"}' "https://127.0.0.1:$tls/v1/route" | grep -q '"model"'; }
  await 10 decided || fail "no decision over TLS: $(cat "$folder/nginx.out")"
  [ "$(curl -sk -o /dev/null -w '%{http_code}' "https://127.0.0.1:$tls/metrics")" = 403 ] || fail "metrics are visible from outside"
  echo "deploy: nginx speaks TLS before it"
else echo "deploy: nginx LEFT OUT: not installed"; fi

engine=$(command -v docker || command -v podman || true)
if [ -n "$engine" ] && "$engine" info >/dev/null 2>&1; then
  "$engine" build -q -f "$deploy/Dockerfile" -t riddle-server-check "$root" >/dev/null
  "$engine" run --rm riddle-server-check --help >/dev/null
  echo "deploy: the image builds and starts"
else echo "deploy: image LEFT OUT: no container engine runs here"; fi
