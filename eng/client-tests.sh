#!/usr/bin/env bash
# Runs the own integration tests of a public client, go-tfe as Debian packages it, against a server started for them:
#   bash eng/client-tests.sh [TestName...]
# Each test runs by itself. The last lines are a table by family, and: N passed, N failed, N skipped (tests with their subtests).
# eng/client-tests.expected names those that fail here, and why. It ends with 1 when another one fails.
set -euo pipefail
cd "$(dirname "$0")/.."

export CHECKPOINT_DISABLE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
client=/usr/share/gocode/src/github.com/hashicorp/go-tfe
if ! command -v go >/dev/null || [ ! -d "$client" ]; then
  echo "These tests need Go and go-tfe (Debian: sudo apt-get install golang-go golang-github-hashicorp-go-tfe-dev)." >&2
  exit 2
fi

work=$(mktemp -d)
server=
cleanup() {
  [ -z "$server" ] || { kill "$server" 2>/dev/null && wait "$server" || true; }
  rm -rf "$work"
}
trap cleanup EXIT

# The fixtures that the package leaves out. Providers of a registry are not needed for them; the values of outputs are texts, the only ones
# that this version of the client reads.
mkdir -p "$work/test-fixtures/config-version" "$work/test-fixtures/state-version"
echo 'resource "terraform_data" "foo" { input = "bar" }' > "$work/test-fixtures/config-version/main.tf"
cat > "$work/test-fixtures/state-version/terraform.tfstate" <<'STATE'
{
  "version": 4,
  "terraform_version": "1.11.4",
  "serial": 0,
  "lineage": "741c4949-60b9-5bb1-5bf8-b14f4bb14af3",
  "outputs": {
    "test_output_string": { "value": "9023256633839603543", "type": "string" },
    "test_output_other": { "value": "us-west-1a", "type": "string" }
  },
  "resources": []
}
STATE
GO111MODULE=off GOPATH=/usr/share/gocode go test -c -o "$work/tests" github.com/hashicorp/go-tfe

dotnet build src/Orchestrator.Web -c Release --verbosity quiet
TFE_TOKEN=$(od -An -tx1 -N32 /dev/urandom | tr -d ' \n')
export TFE_TOKEN
Orchestrator__DataDirectory="$work/data" Orchestrator__AdminToken="$TFE_TOKEN" Orchestrator__Api__RateLimit=0 \
  dotnet artifacts/bin/Orchestrator.Web/release/Orchestrator.Web.dll --urls http://127.0.0.1:0 > "$work/server.log" 2>&1 &
server=$!
for _ in $(seq 300); do
  TFE_ADDRESS=$(sed -nE 's/^Orchestrator is at (.*)$/\1/p' "$work/server.log")
  [ -z "$TFE_ADDRESS" ] || break
  kill -0 "$server" 2>/dev/null || { cat "$work/server.log" >&2; exit 2; }
  sleep 0.2
done
export TFE_ADDRESS
[ -n "$TFE_ADDRESS" ] || { echo "The server did not start:" >&2; cat "$work/server.log" >&2; exit 2; }

tests=("$@")
[ ${#tests[@]} -gt 0 ] || mapfile -t tests < <(grep -hoE '^func Test[A-Za-z0-9]+' "$client"/*_test.go | awk '{ print $2 }')
(
  cd "$work"
  for test in "${tests[@]}"; do
    # A test that panics has no verdict of its own.
    timeout 150 ./tests -test.v -test.run "^$test\$" > "$work/$test.log" 2>&1 || grep -qE '^ *--- FAIL' "$work/$test.log" || echo "--- FAIL: $test" >> "$work/$test.log"
  done
)

verdicts() { grep -hoE "^ *--- $1: [^ ]+" "${@:2}" 2>/dev/null | awk '{ print $3 }' || true; }

printf '%-28s %8s %8s %8s\n' family passed failed skipped
total=(0 0 0)
for file in "$client"/*_test.go; do
  logs=()
  for test in $(grep -hoE '^func Test[A-Za-z0-9]+' "$file" | awk '{ print $2 }'); do
    [ ! -e "$work/$test.log" ] || logs+=("$work/$test.log")
  done
  [ ${#logs[@]} -gt 0 ] || continue
  counts=()
  for verdict in PASS FAIL SKIP; do
    counts+=("$(verdicts $verdict "${logs[@]}" | grep -c . || true)")
  done
  printf '%-28s %8s %8s %8s\n' "$(basename "$file" _test.go)" "${counts[@]}"
  for index in 0 1 2; do total[index]=$((total[index] + counts[index])); done
done

unexpected=$(verdicts FAIL "$work"/Test*.log | sed 's|/.*||' | sort -u \
  | grep -vxE -f <(awk '!/^#/ && NF { print $1 }' eng/client-tests.expected) || true)
if [ -n "$unexpected" ]; then
  echo "These failed, and eng/client-tests.expected does not say why:"
  for name in $unexpected; do
    echo "--- $name"
    grep -vE '^=== |--- (PASS|SKIP)' "$work/$name.log" | head -20
  done
fi
echo "${total[0]} passed, ${total[1]} failed, ${total[2]} skipped"
[ -z "$unexpected" ]
