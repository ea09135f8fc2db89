#!/usr/bin/env bash
# Replaces a web server and its workers while runs go on; then hurts them and their PostgreSQL at each step of a run, and writes what became of it as a
# table: faults.sh [FILE] [PART OF A NAME]
# Or hurts them at any moment, for so many minutes, and writes the figures: SOAK=30 faults.sh [FILE]
set -euo pipefail
cd "$(dirname "$0")/.."

export CHECKPOINT_DISABLE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
ORCHESTRATOR_FAULTS=$(realpath -m "${1:-artifacts/faults.md}")
export ORCHESTRATOR_FAULTS
[ -z "${2:-}" ] || export ORCHESTRATOR_FAULTS_ONLY=$2
[ -n "${NO_BUILD:-}" ] || dotnet build tests/Orchestrator.Web.Tests -c Release -v q --nologo
suite() { artifacts/bin/Orchestrator.Web.Tests/release/Orchestrator.Web.Tests -explicit only -class "*.Faults.$1"; }
if [ -n "${SOAK:-}" ]; then
  ORCHESTRATOR_SOAK=$SOAK suite Soak
else
  [ -n "${2:-}" ] || suite RollingUpgrade
  suite FaultSuite
fi
echo "What became of it is in $ORCHESTRATOR_FAULTS."
