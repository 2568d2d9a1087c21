// The commands that the host knows, by name.

#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "message.h"
#include "options.h"
#include "psmdb_telemetry/telemetry.h"

namespace telemetry_host {

// What commands work on; it outlives them. Used by all connections at once.
struct CommandContext {
    psmdb::telemetry::Telemetry& telemetry;
    const Options& options;
    std::function<void()> requestShutdown;
};

// Runs one command. No answer means that the connection is to be closed without one.
std::optional<Document> runCommand(const CommandContext& context, const Request& request,
                                   std::int32_t connectionId);

// The two shapes of an answer: {..., ok: 1}, and {ok: 0, errmsg}, of 4.4 mostly with a code.
Document success(Document reply = Document());
Document failure(const std::string& message);
Document failure(std::int32_t code, const char* name, const std::string& message);
Document badValue(const std::string& message);
Document internalError(const std::string& message);

}  // namespace telemetry_host
