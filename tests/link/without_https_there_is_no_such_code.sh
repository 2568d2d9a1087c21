#!/bin/sh
# A build without the feature `https` has no HTTP and no TLS code, and a program that calls all of it
# links and runs. (That the server's own client delivers: tests/server_s_client.rs.) A program grows by no
# more than is promised, with https and without.
set -eu
cd "$WORK"
without=$ROOT/build/without-https/libpsmdb_telemetry.a

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

g++ -std=c++17 -pthread -I"$DIST/include" -o program "$ROOT/tests/link/programs/every_function.cc" "$without"
./program

# shellcheck source=/dev/null
. "$ROOT/tests/link/support/size.sh"
limit() { # NAME
    sed -n "s/^$1 = { limit = \([0-9]*\),.*/\1/p" "$ROOT/tests/budgets/budgets.toml" | grep .
}
most=$(limit growth_with_https)
most_without=$(limit growth_without_https)
growth "$ARCHIVE" "$most" 'with https'
growth "$without" "$most_without" 'without https'
