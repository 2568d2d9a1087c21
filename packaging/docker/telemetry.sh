# For the entrypoint of an image, before it starts mongod: put this text there, or source it.
#
# Nothing is decided here. PERCONA_TELEMETRY_DISABLE and DO_NOT_TRACK reach mongod in its
# environment as docker run -e, a compose file or a pod sets them. All that mongod cannot see on
# every engine is that it is in a container.
if [ -z "${PERCONA_DEPLOYMENT_METHOD-}" ]; then
    PERCONA_DEPLOYMENT_METHOD=DOCKER
    export PERCONA_DEPLOYMENT_METHOD
fi
