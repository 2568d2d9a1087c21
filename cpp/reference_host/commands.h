// The commands that the host knows, by name.

#ifndef TELEMETRY_HOST_COMMANDS_H
#define TELEMETRY_HOST_COMMANDS_H

#include <chrono>
#include <functional>
#include <optional>

#include "message.h"
#include "options.h"
#include "peer.h"
#include "psmdb_telemetry/telemetry.h"

namespace telemetry_host {

// What commands work on; it outlives them. Used by all connections at once.
struct CommandContext {
    psmdb::telemetry::Telemetry& telemetry;
    const Options& options;
    std::function<void()> requestShutdown;
    std::chrono::steady_clock::time_point started = std::chrono::steady_clock::now();
};

// Runs one command. No answer means that the connection is to be closed without one.
std::optional<Document> runCommand(const CommandContext& context, const Request& request,
                                   const Peer& peer);

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_COMMANDS_H
