#!/bin/sh
# One program with libssl.a, libcrypto.a, libcurl.a and our archive: no symbol is defined twice, and
# each of the TLS implementations does its work. What libcurl needs beyond TLS is linked as it comes.
set -eu
cd "$WORK"
# The system's own configuration would make it a CA.
printf '[req]\ndistinguished_name = dn\n[dn]\n' >openssl.cnf
openssl req -x509 -config openssl.cnf -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 1 \
    -subj /CN=loopback -addext subjectAltName=IP:127.0.0.1 -keyout key.pem -out certificate.pem
# Answers each POST with 200, until its input ends.
mkfifo input
python3 -c '
import http.server, ssl, sys, threading
class Handler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
server = http.server.HTTPServer(("127.0.0.1", 0), Handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("certificate.pem", "key.pem")
server.socket = context.wrap_socket(server.socket, server_side=True)
threading.Thread(target=server.serve_forever, daemon=True).start()
print(f"https://127.0.0.1:{server.server_port}/report", flush=True)
sys.stdin.read()' <input >url 2>requests &
exec 3>input

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
    ./program "$(cat url)" certificate.pem
done
[ "$(grep -c '"POST /report HTTP/1.1" 200' requests)" = 6 ]
