#include "commands.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "parameters.h"
#include "reply.h"
#include "server_info.h"

namespace telemetry_host {
namespace {

struct Call {
    const CommandContext& context;
    const Request& request;
    const Peer& peer;
};

using Answer = std::optional<Document>;

Answer shutDown(const Call& call) {
    if (!call.peer.onLoopback) {
        return failure(kUnauthorized,
                       "shutdown must run from localhost when running db without auth");
    }
    call.context.requestShutdown();
    return std::nullopt;
}

Answer hello(const Call& call) {
    return success(describeServer(call.peer));
}

Answer nothing(const Call&) {
    return success();
}

struct Command {
    std::string_view name;
    bool adminOnly;
    bool isHandshake;  // the one kind that is also taken as OP_QUERY
    Answer (*run)(const Call&);
};

constexpr std::array kCommands{
    Command{"hello", false, true, hello},
    Command{"isMaster", false, true, hello},
    Command{"ismaster", false, true, hello},
    Command{"ping", false, false, nothing},
    Command{"endSessions", false, false, nothing},  // no session is kept
    Command{"buildInfo", false, false,
            [](const Call& call) -> Answer { return success(buildInfo(call.context.options)); }},
    Command{"buildinfo", false, false,
            [](const Call& call) -> Answer { return success(buildInfo(call.context.options)); }},
    Command{"getCmdLineOpts", true, false,
            [](const Call& call) -> Answer { return success(cmdLineOpts(call.context.options)); }},
    Command{"serverStatus", false, false,
            [](const Call& call) -> Answer {
                return success(serverStatus(call.context, call.request.command, call.peer));
            }},
    Command{"getParameter", true, false,
            [](const Call& call) -> Answer {
                return getParameter(call.context.telemetry, call.request.command);
            }},
    Command{"setParameter", true, false,
            [](const Call& call) -> Answer {
                return setParameter(call.context.telemetry, call.request.command);
            }},
    Command{"shutdown", true, false, shutDown},
};

// A command's name is its first key.
std::string nameOf(const Document& command) {
    bson_iter_t first;
    return bson_iter_init(&first, command.get()) && bson_iter_next(&first) ? bson_iter_key(&first)
                                                                           : "";
}

}  // namespace

std::optional<Document> runCommand(const CommandContext& context, const Request& request,
                                   const Peer& peer) {
    const std::string name = nameOf(request.command);
    const auto* const command =
        std::find_if(kCommands.begin(), kCommands.end(),
                     [&name](const Command& candidate) { return candidate.name == name; });

    if (request.database.empty()) {
        return failure(kNoDatabase, "OP_MSG requests require a $db argument");
    }
    if (command == kCommands.end()) {
        return failure(kCommandNotFound, "no such command: '" + name + "'");
    }
    if (request.isLegacy && !command->isHandshake) {
        return failure(kUnsupportedOpQueryCommand,
                       "'" + name + "' is not taken as OP_QUERY: send it as OP_MSG");
    }
    if (command->adminOnly && request.database != "admin") {
        return failure(kUnauthorized, name + " may only be run against the admin database.");
    }
    return command->run({context, request, peer});
}

}  // namespace telemetry_host
