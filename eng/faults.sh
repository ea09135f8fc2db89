#!/usr/bin/env bash
# Replaces a web server and its workers while runs go on; then hurts them and their PostgreSQL at each step of a run, and writes what became of it as a
# table: faults.sh [FILE] [PART OF A NAME]
set -euo pipefail
cd "$(dirname "$0")/.."

export CHECKPOINT_DISABLE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
ORCHESTRATOR_FAULTS=$(realpath -m "${1:-artifacts/faults.md}")
export ORCHESTRATOR_FAULTS
[ -z "${2:-}" ] || export ORCHESTRATOR_FAULTS_ONLY=$2
[ -n "${NO_BUILD:-}" ] || dotnet build tests/Orchestrator.Web.Tests -c Release -v q --nologo
[ -n "${2:-}" ] || artifacts/bin/Orchestrator.Web.Tests/release/Orchestrator.Web.Tests -explicit only -class "*.Faults.RollingUpgrade"
artifacts/bin/Orchestrator.Web.Tests/release/Orchestrator.Web.Tests -explicit only -class "*.Faults.FaultSuite"
echo "The table is in $ORCHESTRATOR_FAULTS."
