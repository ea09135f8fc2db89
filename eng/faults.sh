#!/usr/bin/env bash
# Hurts a web server, its workers and their PostgreSQL at each step of a run, and writes what became of it as a table: faults.sh [FILE] [PART OF A NAME]
set -euo pipefail
cd "$(dirname "$0")/.."

export CHECKPOINT_DISABLE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
ORCHESTRATOR_FAULTS=$(realpath -m "${1:-artifacts/faults.md}")
export ORCHESTRATOR_FAULTS
[ -z "${2:-}" ] || export ORCHESTRATOR_FAULTS_ONLY=$2
[ -n "${NO_BUILD:-}" ] || dotnet build tests/Orchestrator.Web.Tests -c Release -v q --nologo
artifacts/bin/Orchestrator.Web.Tests/release/Orchestrator.Web.Tests -explicit only -class "*.Faults.FaultSuite"
echo "The table is in $ORCHESTRATOR_FAULTS."
