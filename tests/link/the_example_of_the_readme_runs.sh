#!/bin/sh
# README.md shows cpp/example/embed.cc, and the command below it builds a program that reports into
# the folder in which it is started.
set -eu
cd "$WORK"
# shellcheck disable=SC2016 # the marks of a block of code in Markdown
sed -n '/^```cpp$/,/^```$/p' "$ROOT/README.md" | sed '1d; $d' | diff - "$ROOT/cpp/example/embed.cc" || {
    echo "README.md does not show cpp/example/embed.cc as it is"
    exit 1
}
ln -s "$DIST" dist
ln -s "$ROOT/cpp" cpp
sed -n 's/^    \(g++ .*\)/\1/p' "$ROOT/README.md" >command.sh
[ "$(wc -l <command.sh)" = 1 ]
sh -eu command.sh

mkdir started-here
mkfifo input
(cd started-here && exec ../embed <../input 2>../log) &
program=$!
exec 3>input
deadline=$(($(date +%s) + 20))
until grep -q '^Telemetry report delivered ' log; do
    if [ "$(date +%s)" -gt "$deadline" ]; then
        echo "no report is delivered:"
        cat log
        exit 1
    fi
    sleep 0.05
done
echo >&3
wait $program
grep -q '^Telemetry enabled .*decidedBy=.*destination="file://' log
grep -q '"product_family":"PRODUCT_FAMILY_PSMDB"' started-here/*.json
grep -q '^PRODUCT_FAMILY_PSMDB:1$' started-here/telemetry_uuid
