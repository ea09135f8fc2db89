#!/usr/bin/env bash
# Puts the server into a directory as it is run in production: compiled ahead of time, it starts with a third less work.
# Usage: eng/publish.sh [DIRECTORY, by default artifacts/server]
set -euo pipefail
cd "$(dirname "$0")/.."
case "$(uname -m)" in aarch64 | arm64) processor=arm64 ;; *) processor=x64 ;; esac
exec dotnet publish src/Orchestrator.Web -c Release -o "${1:-artifacts/server}" --no-self-contained --runtime "linux-$processor" \
  -p:PublishReadyToRun=true -v quiet --nologo
