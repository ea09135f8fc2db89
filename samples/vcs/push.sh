#!/usr/bin/env bash
# From a push to a run, by hand: makes a bare repository, serves it with git's own HTTP backend, connects it, links a workspace, pushes, and
# sends the signed delivery that a code host would send. Needs curl, git, jq, openssl and python3.
#
#   Orchestrator__Vcs__AllowPrivateAddresses=true Orchestrator__Vcs__AllowHttp=true dotnet run --project src/Orchestrator.Web
#   bash samples/vcs/push.sh http://localhost:8080 "$(cat data/admin-token)"
set -euo pipefail

server=${1:?the address of the server, such as http://localhost:8080}
token=${2:?an API token, such as the content of data/admin-token}
work=$(mktemp -d)
organization=vcs-sample-$RANDOM
secret=$(openssl rand -hex 24)

api() { # METHOD PATH [DOCUMENT]
  curl -sS --fail-with-body -X "$1" "$server/api/v2/$2" -H "Authorization: Bearer $token" -H 'Content-Type: application/vnd.api+json' ${3:+-d "$3"}
}

cleanup() {
  [ -z "${git_server:-}" ] || kill "$git_server"
  rm -rf "$work"
}
trap cleanup EXIT

say() { printf '\n== %s\n' "$*"; }

say "A repository, served by git http-backend on loopback"
mkdir -p "$work/repositories/acme"
git init -q --bare -b main "$work/repositories/acme/network"
python3 "$(dirname "$0")/git-http.py" "$work/repositories" "$work/port" &
git_server=$!
until [ -s "$work/port" ]; do sleep 0.1; done
port=$(cat "$work/port")
git clone -q "$work/repositories/acme/network" "$work/clone" 2>/dev/null
cd "$work/clone"
git config user.name Ada
git config user.email ada@example.com
git checkout -q -B main

push() { # MESSAGE
  git add -A
  git commit -q -m "$1"
  git push -q origin main
  git rev-parse HEAD
}

printf 'resource "terraform_data" "one" { input = "one" }\n' > main.tf
before=$(push "Begin")

say "An organisation, a connection, and a workspace that follows main and applies by itself"
api POST organizations "{\"data\":{\"attributes\":{\"name\":\"$organization\"}}}" | jq -r .data.id
connection=$(api POST "organizations/$organization/oauth-clients" \
  "{\"data\":{\"attributes\":{\"service-provider\":\"git\",\"http-url\":\"http://127.0.0.1:$port\",\"webhook-secret\":\"$secret\"}}}")
id=$(jq -r .data.id <<<"$connection")
oauth_token=$(jq -r '.data.relationships["oauth-tokens"].data[0].id' <<<"$connection")
workspace=$(api POST "organizations/$organization/workspaces" \
  "{\"data\":{\"attributes\":{\"name\":\"network\",\"auto-apply\":true,\"queue-all-runs\":true,\"vcs-repo\":{\"identifier\":\"acme/network\",\"oauth-token-id\":\"$oauth_token\"}}}}" | jq -r .data.id)
echo "$id $workspace"

say "A push, and the delivery that tells of it"
printf 'resource "terraform_data" "two" { input = "two" }\n' >> main.tf
after=$(push "Grow the network")
body="{\"repository\":\"acme/network\",\"ref\":\"refs/heads/main\",\"before\":\"$before\",\"after\":\"$after\",\"sender\":\"ada\"}"
signature=$(printf '%s' "$body" | openssl dgst -sha256 -hmac "$secret" -r | cut -d' ' -f1)
delivery=$(curl -sS --fail-with-body -X POST "$server/webhooks/git/$id" -H 'Content-Type: application/json' -H 'X-Event: push' \
  -H "X-Delivery: $(cat /proc/sys/kernel/random/uuid)" -H "X-Hub-Signature-256: sha256=$signature" -d "$body" | jq -r .delivery)
echo "$delivery"

say "The same, signed by somebody else, is refused"
curl -sS -o - -w '%{http_code}\n' -X POST "$server/webhooks/git/$id" -H 'X-Event: push' -H "X-Hub-Signature-256: sha256=$(printf '0%.0s' {1..64})" -d "$body"

say "What the delivery has meant, and its run"
for _ in $(seq 60); do
  event=$(api GET "vcs-events/$delivery")
  [ "$(jq -r .data.attributes.status <<<"$event")" = received ] || break
  sleep 0.5
done
jq '.data.attributes | {event, status, reason, repository, "commit-sha", sender, outcomes}' <<<"$event"
run=$(jq -r '.data.attributes.outcomes[0]["run-id"]' <<<"$event")
for _ in $(seq 120); do
  status=$(api GET "runs/$run" | jq -r .data.attributes.status)
  case $status in applied | errored | canceled | planned_and_finished) break ;; esac
  sleep 0.5
done
api GET "runs/$run?include=configuration_version,configuration_version.ingress_attributes" \
  | jq '{message: .data.attributes.message, status: .data.attributes.status, from: (.included[] | select(.type == "ingress-attributes") | .attributes | {identifier, branch, "commit-sha", "commit-message"})}'
[ "$status" = applied ]
