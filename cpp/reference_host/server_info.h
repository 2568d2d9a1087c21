// What the host says about itself: the handshake, buildInfo, getCmdLineOpts, serverStatus.

#ifndef TELEMETRY_HOST_SERVER_INFO_H
#define TELEMETRY_HOST_SERVER_INFO_H

#include "bson.h"
#include "commands.h"
#include "options.h"
#include "peer.h"

namespace telemetry_host {

// Each returns the fields of the reply without `ok`.

// For hello and isMaster: a standalone server that speaks as 4.4 does.
Document describeServer(const Peer& peer);

Document buildInfo(const Options& options);

Document cmdLineOpts(const Options& options);

// With the section `perconaTelemetry`: `enabled`, `state` and `attempts`; the whole status if the
// command has `perconaTelemetry: 1`; none with `perconaTelemetry: 0`.
Document serverStatus(const CommandContext& context, const Document& command, const Peer& peer);

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_SERVER_INFO_H
