#!/usr/bin/env bash
# Adds a migration of the same name for both databases: bash eng/add-migration.sh AddSomething
set -euo pipefail
cd "$(dirname "$0")/.."
name=${1:?name the migration, such as AddVariableSets}
dotnet tool restore
for provider in Sqlite PostgreSql; do
  project=migrations/Orchestrator.Migrations.$provider
  dotnet build "$project" --nologo --verbosity quiet
  dotnet ef migrations add "$name" --no-build --project "$project" --startup-project "$project" --output-dir Migrations
done
