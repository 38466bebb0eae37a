#!/usr/bin/env bash
# Draws docs/page-light.png and docs/page-dark.png, README's picture of the page, from a simulated run.
# usage: src/test/sh/picture.sh [target/dsql-reach-<version>-cli.jar]     (mvn package makes it; needs Chromium)
set -eu
cd "$(dirname "$0")/../../.."
jar=${1:-$(ls target/dsql-reach-*-cli.jar)}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
# 1: blocked, as it should be.
java -jar "$jar" simulate POSTGRES_NEGOTIATION_FILTER --format html --output "$work/page.html" || [ $? = 1 ]
for scheme in dark:0 light:1; do
    chromium --headless --no-sandbox --disable-gpu --user-data-dir="$work/browser" --hide-scrollbars --window-size=900,710 \
        --blink-settings=preferredColorScheme="${scheme#*:}" --screenshot="docs/page-${scheme%:*}.png" "file://$work/page.html"
done
