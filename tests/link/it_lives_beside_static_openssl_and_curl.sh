#!/bin/sh
# One program with libssl.a, libcrypto.a, libcurl.a and our archive: no symbol is defined twice, and
# each of the TLS implementations does its work. What libcurl needs beyond TLS is linked as it comes.
set -eu
cd "$WORK"
curl_so=$(g++ -print-file-name=libcurl.so)
LC_ALL=C readelf -dW "$curl_so" |
    sed -n 's/.*(NEEDED).*\[\(lib.*\)\]/-l:\1/p' | grep -v 'libssl\|libcrypto\|libc\.so' >others
g++ -std=c++17 -O1 -Wall -Wextra -Werror -pthread -I"$DIST/include" -I"$ROOT/tests/cpp" -c \
    -o program.o "$ROOT/tests/link/programs/beside_openssl_and_curl.cc"
for archives in "$ARCHIVE -l:libcurl.a -l:libssl.a -l:libcrypto.a" \
    "-l:libcurl.a -l:libssl.a -l:libcrypto.a $ARCHIVE"; do
    # shellcheck disable=SC2046,SC2086 # lists of libraries
    g++ -pthread -Wl,-z,now -Wl,--fatal-warnings -o program program.o $archives $(cat others)
    if LC_ALL=C readelf -dW program | grep 'NEEDED.*lib\(ssl\|crypto\|curl\)\.'; then
        echo "OpenSSL or libcurl is not linked statically"
        exit 1
    fi
    ./program
done
