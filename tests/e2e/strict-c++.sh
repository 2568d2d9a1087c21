#!/bin/sh
# strict-c++.sh ARGUMENT… is g++ for a kit's link.sh, which asks for no warnings: each is an error in the
# module, as the server's build has it, and none is looked for in the server's own headers.
set -eu
for argument; do
    shift
    case $argument in
    -w) set -- "$@" -Wall -Wextra -Wpedantic -Wshadow -Woverloaded-virtual -Werror ;;
    -I*) set -- "$@" -isystem "${argument#-I}" ;;
    *) set -- "$@" "$argument" ;;
    esac
done
exec g++ "$@"
