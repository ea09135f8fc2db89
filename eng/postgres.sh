#!/usr/bin/env bash
# Runs a throw-away PostgreSQL until it is interrupted, and prints the settings that make the server use it.
set -euo pipefail
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -n 1 || true)
if [ -z "$bin" ] || [ ! -x "$bin/initdb" ]; then
  echo "PostgreSQL is not installed. Install it with: apt-get install postgresql" >&2
  exit 1
fi
dir=$(mktemp -d /tmp/orchestrator-pg-XXXXXX)
as=()
# The server refuses to run as root.
if [ "$(id -u)" = 0 ]; then
  chown postgres "$dir"
  as=(runuser -u postgres --)
fi
cd /
trap 'rm -rf "$dir"' EXIT
"${as[@]}" "$bin/initdb" -D "$dir/data" -U postgres -A trust -E UTF8 --locale=C --no-sync >/dev/null
echo "export Orchestrator__Database__Provider=PostgreSql"
echo "export Orchestrator__Database__ConnectionString='Host=$dir;Username=postgres;Database=postgres'"
"${as[@]}" "$bin/postgres" -D "$dir/data" -k "$dir" -h '' -c fsync=off -c max_connections=300 >"$dir/log" 2>&1 </dev/null
