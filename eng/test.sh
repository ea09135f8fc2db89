#!/usr/bin/env bash
# Installs what the tests need, builds everything with warnings as errors, runs every test project, and ends with one line:
# N passed, N failed, N skipped
set -uo pipefail
cd "$(dirname "$0")/.."

export CHECKPOINT_DISABLE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
# Tests start dozens of processes that compile what they run: mapping each piece of it twice, for writing and for running, takes a tenth of their time.
export DOTNET_EnableWriteXorExecute=0

# A command, and the Debian package that brings it.
needs=(
  "chromium:chromium"
  "bwrap:bubblewrap"
  "pg_ctl:postgresql"
  "git:git"
  "/usr/sbin/sshd:openssh-server"
  "setsid:util-linux"
  "/usr/sbin/nft:nftables"
  "/usr/sbin/ip:iproute2"
  # Debian's own: the sandbox shows terraform no other.
  "/usr/bin/aws:awscli"
)

have() {
  command -v "$1" >/dev/null || compgen -G "/usr/lib/postgresql/*/bin/$1" >/dev/null
}

missing=()
for need in "${needs[@]}"; do
  have "${need%%:*}" || missing+=("${need##*:}")
done
if [ ${#missing[@]} -gt 0 ]; then
  if [ "$(id -u)" = 0 ] && command -v apt-get >/dev/null; then
    echo "Installing ${missing[*]}"
    apt-get update -qq && DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || exit 1
  else
    echo "The tests need: ${missing[*]}. Install them (Debian: sudo apt-get install ${missing[*]}) and start again." >&2
    exit 1
  fi
fi
if ! command -v terraform >/dev/null; then
  echo "The tests need terraform on PATH: https://developer.hashicorp.com/terraform/install" >&2
  exit 1
fi

# One compiler for all projects: starting it for each takes as long as compiling. It does not stay behind.
dotnet build Orchestrator.sln -c Release -p:UseSharedCompilation=true
built=$?
dotnet build-server shutdown --vbcscompiler >/dev/null
[ "$built" = 0 ] || exit 1

log=artifacts/test-run.log
# One project after the other: the tests start servers, databases and browsers, and would only wait for each other.
# Pictures are for eng/screenshots.sh alone, faults for eng/faults.sh.
dotnet test --solution Orchestrator.sln -c Release --no-build --max-parallel-test-modules 1 --no-progress --no-ansi \
  --filter-not-class Orchestrator.BrowserTests.Screenshots.Pictures \
    Orchestrator.Web.Tests.Faults.FaultSuite Orchestrator.Web.Tests.Faults.RollingUpgrade Orchestrator.Web.Tests.Faults.Soak 2>&1 | tee "$log"

count() { sed -nE "s/^ *$1: *([0-9]+)$/\1/p" "$log" | tail -n 1; }
passed=$(count succeeded) failed=$(count failed) skipped=$(count skipped)
# Without a summary the run itself has failed.
[ -n "$passed" ] || failed=$(( ${failed:-0} + 1 ))
grep -q '^Test run summary: Passed!' "$log" || [ "${failed:-0}" -gt 0 ] || failed=1
echo "${passed:-0} passed, ${failed:-0} failed, ${skipped:-0} skipped"
[ "${failed:-0}" = 0 ] && [ "${skipped:-0}" = 0 ] && [ "${passed:-0}" -gt 0 ]
