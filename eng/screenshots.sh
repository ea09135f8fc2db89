#!/usr/bin/env bash
# Fills an installation and writes a PNG of every page, light and dark, 360, 768 and 1440 wide: screenshots.sh [DIRECTORY] [PAGE,...]
set -euo pipefail
cd "$(dirname "$0")/.."

command -v chromium >/dev/null || { echo "It takes Chromium (Debian: sudo apt-get install chromium)." >&2; exit 1; }
export CHECKPOINT_DISABLE=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1
ORCHESTRATOR_SCREENSHOTS=$(realpath -m "${1:-artifacts/screenshots}") ORCHESTRATOR_SCREENSHOTS_ONLY=${2:-}
export ORCHESTRATOR_SCREENSHOTS ORCHESTRATOR_SCREENSHOTS_ONLY
[ -n "${NO_BUILD:-}" ] || dotnet build tests/Orchestrator.BrowserTests -c Debug -v q --nologo
artifacts/bin/Orchestrator.BrowserTests/debug/Orchestrator.BrowserTests -explicit only -class "*.Screenshots.Pictures"
echo "The pictures are in $ORCHESTRATOR_SCREENSHOTS; index.html shows them all."
