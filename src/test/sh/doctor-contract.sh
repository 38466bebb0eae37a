#!/usr/bin/env bash
# Runs the doctor's jar against a local cluster and through every fault, and reads nothing but exit codes and JSON.
# usage: src/test/sh/doctor-contract.sh [target/dsql-reach-<version>-cli.jar]     (mvn package makes it)
set -u
cd "$(dirname "$0")/../../.."
jar=${1:-$(ls target/dsql-reach-*-cli.jar 2>/dev/null | head -1)}
[ -f "$jar" ] || { echo "no jar '$jar'; run mvn package first" >&2; exit 64; }
unset DSQL_ENDPOINT CLUSTER_ENDPOINT DSQL_CLUSTER_ENDPOINT AWS_PROFILE AWS_SESSION_TOKEN "${!DSQL_REACH_@}"
export AWS_EC2_METADATA_DISABLED=true
work=$(mktemp -d)
# With a temporary directory of its own: what a killed JVM left in the machine's is told of when it is removed, here too.
java() { command java -Djava.io.tmpdir="$work" "$@"; }
failed=0
count=0

finish() {
    exec 3>&- # the cluster ends with its input
    wait
    rm -rf "$work"
}
trap finish EXIT

# A field of the report's top level: there two blanks indent it.
field() { sed -n "s/^  \"$1\": \"\{0,1\}\([^\",]*\)\"\{0,1\},\{0,1\}\$/\1/p" "$work/out"; }

# expect EXIT VERDICT LAYER CAUSE argument...
expect() {
    local exit=$1 verdict=$2 layer=$3 cause=$4 got
    shift 4
    java -jar "$jar" "$@" --format json >"$work/out" 2>"$work/err"
    got="$? $(field verdict) $(field layer) $(field cause)"
    count=$((count + 1))
    if [ "$got" = "$exit $verdict $layer $cause" ] && [ ! -s "$work/err" ] && [ "$(field schema)" = dsql-reach/1 ]; then
        echo "ok    $*"
    else
        failed=$((failed + 1))
        echo "FAIL  $*: expected $exit $verdict $layer $cause, got $got $(cat "$work/err")"
    fi
}

# usage argument...: exit code 64, a message, and nothing on the standard output
usage() {
    java -jar "$jar" "$@" >"$work/out" 2>"$work/err"
    local got=$?
    count=$((count + 1))
    if [ $got = 64 ] && [ ! -s "$work/out" ] && [ -s "$work/err" ]; then
        echo "ok    64: $*"
    else
        failed=$((failed + 1))
        echo "FAIL  64: $*: got $got"
    fi
}

mkfifo "$work/input"
java -cp "$jar" src/test/sh/LocalCluster.java <"$work/input" >"$work/cluster" &
exec 3>"$work/input"
for _ in $(seq 300); do [ -s "$work/cluster" ] && break; sleep 0.2; done
read -r host address root key secret <"$work/cluster" || { echo "the local cluster did not start" >&2; exit 1; }
export AWS_ACCESS_KEY_ID=$key AWS_SECRET_ACCESS_KEY=$secret
local_cluster=("$host" --connect-to "$address" --root-cert "$root")

expect 0 REACHABLE null null "${local_cluster[@]}"
expect 0 REACHABLE null null "${local_cluster[@]}" --negotiation direct
for phase in dns tcp token tls auth query; do
    expect 0 REACHABLE null null "${local_cluster[@]}" --through $phase
done
DSQL_ENDPOINT=$host expect 0 REACHABLE null null --connect-to "$address" --root-cert "$root"
expect 1 BLOCKED TLS TLS_INTERCEPTED "$host" --connect-to "$address"
expect 2 MISCONFIGURED AUTH ROLE_NOT_FOUND "${local_cluster[@]}" --user nobody
AWS_SECRET_ACCESS_KEY=wrong expect 2 DENIED AUTH ACCESS_DENIED "${local_cluster[@]}"
AWS_ACCESS_KEY_ID= AWS_SECRET_ACCESS_KEY= AWS_SHARED_CREDENTIALS_FILE=/none AWS_CONFIG_FILE=/none \
    expect 2 MISCONFIGURED TOKEN CREDENTIALS_NOT_FOUND "${local_cluster[@]}"

while read -r fault exit verdict layer cause options; do
    # shellcheck disable=SC2086
    expect "$exit" "$verdict" "$layer" "$cause" simulate "$fault" $options
done <<'FAULTS'
DNS_NAME_NOT_FOUND 2 MISCONFIGURED DNS DNS_NAME_NOT_FOUND
TCP_REFUSED 1 BLOCKED TCP TCP_REFUSED
TCP_TIMEOUT 1 BLOCKED TCP TCP_TIMEOUT --timeout 2s
PROXY_REQUIRED 1 BLOCKED TCP TCP_REFUSED
PROXY_REQUIRED 1 BLOCKED TCP TCP_REFUSED --transport auto
PROXY_REQUIRED 2 MISCONFIGURED TCP PROXY_LOGIN_REQUIRED --transport websocket
SILENCE 1 BLOCKED TLS PORT_SILENT --timeout 2s
SSL_REQUEST_RESET 1 BLOCKED TLS TLS_RESET
TLS_RESET 1 BLOCKED TLS TLS_BLOCKED_ON_PORT
TLS_SILENCE 1 BLOCKED TLS TLS_BLOCKED_ON_PORT --timeout 2s
TLS_CLOSED 1 BLOCKED TLS TLS_BLOCKED_ON_PORT
TLS_ALERT 1 BLOCKED TLS TLS_ALERT
BLOCK_PAGE 1 BLOCKED TLS NOT_POSTGRES
INTERCEPTION 1 BLOCKED TLS TLS_INTERCEPTED
SNI_FILTER 1 BLOCKED TLS SNI_BLOCKED
POSTGRES_NEGOTIATION_FILTER 1 BLOCKED TLS POSTGRES_NEGOTIATION_BLOCKED
POSTGRES_NEGOTIATION_FILTER 0 REACHABLE null null --negotiation direct
DIRECT_TLS_FILTER 0 REACHABLE null null
DIRECT_TLS_FILTER 1 BLOCKED TLS DIRECT_TLS_BLOCKED --negotiation direct
WEBSOCKET_REFUSED 0 REACHABLE null null
WEBSOCKET_REFUSED 1 BLOCKED TLS WEBSOCKET_REFUSED --transport websocket
AUTH_RESET 1 BLOCKED AUTH AUTH_RESET
AUTH_SILENCE 1 BLOCKED AUTH AUTH_TIMEOUT --timeout 2s
QUERY_RESET 0 REACHABLE null null
LATENCY 0 REACHABLE null null
JITTER 0 REACHABLE null null
BANDWIDTH 0 REACHABLE null null
SLOW_CLOSE 0 REACHABLE null null
INTERMITTENT 1 BLOCKED TLS TLS_RESET --with toxicity=1
IDLE_TIMEOUT 0 REACHABLE null null --with idle=60000
LOST_CONNECTIONS 0 REACHABLE null null
HALF_OPEN 0 REACHABLE null null
CUT_AFTER 0 REACHABLE null null --with time=60000
MESSAGE_TOO_LARGE 0 REACHABLE null null
WAKING_UP 1 UNAVAILABLE AUTH CLUSTER_WAKING_UP
TOO_MANY_CONNECTIONS 1 UNAVAILABLE AUTH TOO_MANY_CONNECTIONS
RATE_EXCEEDED 1 UNAVAILABLE AUTH RATE_EXCEEDED
SERVER_UNAVAILABLE 1 UNAVAILABLE AUTH SERVER_UNAVAILABLE
WRONG_ACTION 2 MISCONFIGURED AUTH WRONG_TOKEN_ACTION
NOT_AUTHORIZED 2 DENIED AUTH NOT_AUTHORIZED
ROLE_NOT_FOUND 2 MISCONFIGURED AUTH ROLE_NOT_FOUND
FAULTS

# No fault of the catalogue is forgotten above.
for fault in $(java -jar "$jar" simulate --list | sed -n '/^Faults/,/^From/s/^  \([A-Z_][A-Z_]*\) .*/\1/p'); do
    grep -q "^$fault " "$0" || { failed=$((failed + 1)); echo "FAIL  $fault is not tried"; }
done

usage
usage "two words"
usage "$host" --timeout soon
usage "$host" --format xml
usage simulate NOTHING
usage compare "$work/none.json"

echo "$count runs, $failed failed"
[ $failed = 0 ]
