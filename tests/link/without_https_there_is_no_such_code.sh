#!/bin/sh
# A build without the feature `https` has no HTTP and no TLS code: the server's own client delivers,
# files do, and a URL that nobody can serve is refused with the reason.
set -eu
cd "$WORK"
# shellcheck source=/dev/null
. "$ROOT/tests/link/support/size.sh"
without=$ROOT/build/without-https/libpsmdb_telemetry.a
"$ROOT/tools/build-archive.sh" "$without" --quiet --no-default-features --target-dir "$ROOT/build/without-https/cargo"

foreign='ring_core|rustls|webpki|ureq|httparse|native_certs|HTTP/1\.1'
strings -a "$ARCHIVE" | grep -E "$foreign" >with.txt || true
for word in ring_core rustls ureq HTTP/1; do
    grep -q "$word" with.txt || {
        echo "the search does not find $word where it is"
        exit 1
    }
done
if strings -a "$without" | grep -E "$foreign"; then
    echo "HTTP or TLS code is in the archive"
    exit 1
fi
# shellcheck source=/dev/null
. "$ROOT/tests/link/support/symbols.sh"
if undefined_symbols "$without" | grep -xE 'connect|getaddrinfo|recv|send|socket'; then
    echo "the archive can open a socket"
    exit 1
fi

g++ -std=c++17 -Wall -Wextra -Werror -pthread -I"$DIST/include" -I"$ROOT/tests/cpp" -o client \
    "$ROOT/tests/link/programs/only_the_servers_client.cc" "$without"
./client

growth "$ARCHIVE" 2097152 'with https'
growth "$without" 589824 'without https'
