#!/bin/sh
# at-fixed-addresses.sh PROGRAM… runs it. Kernels that spread addresses wider than a sanitizer of this age
# knows need this; where it is not allowed, it is not needed everywhere.
set -eu
if setarch -R true 2>/dev/null; then
    exec setarch -R "$@"
fi
exec "$@"
