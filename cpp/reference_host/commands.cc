#include "commands.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <string>
#include <string_view>

#include "parameters.h"

namespace telemetry_host {
namespace {

constexpr std::int32_t kMaxWireVersion = 9;  // MongoDB 4.4
constexpr std::int32_t kUnauthorized = 13;

struct Call {
    const CommandContext& context;
    const Request& request;
    std::int32_t connectionId;
};

using Answer = std::optional<Document>;

std::int64_t millisNow() {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    return std::chrono::duration_cast<std::chrono::milliseconds>(now).count();
}

// A standalone server that speaks as 4.4 does.
Answer hello(const Call& call) {
    return success(Document(BCON_NEW(
        "helloOk", BCON_BOOL(true), "ismaster", BCON_BOOL(true), "isWritablePrimary",
        BCON_BOOL(true), "maxBsonObjectSize", BCON_INT32(kMaxMessageSize), "maxMessageSizeBytes",
        BCON_INT32(kMaxMessageSize), "maxWriteBatchSize", BCON_INT32(100000), "localTime",
        BCON_DATE_TIME(millisNow()), "logicalSessionTimeoutMinutes", BCON_INT32(30), "connectionId",
        BCON_INT32(call.connectionId), "minWireVersion", BCON_INT32(0), "maxWireVersion",
        BCON_INT32(kMaxWireVersion), "readOnly", BCON_BOOL(false))));
}

Answer buildInfo(const Call& call) {
    const std::string version = asUtf8(call.context.options.version);
    std::array<std::int32_t, 4> numbers{};  // of "4.4.26-25": four of them, as clients expect
    std::sscanf(version.c_str(), "%d.%d.%d-%d", &numbers[0], &numbers[1], &numbers[2], &numbers[3]);
    return success(Document(BCON_NEW(
        "version", BCON_UTF8(version.c_str()), "psmdbVersion", BCON_UTF8(version.c_str()),
        "versionArray", "[", BCON_INT32(numbers[0]), BCON_INT32(numbers[1]), BCON_INT32(numbers[2]),
        BCON_INT32(numbers[3]), "]", "gitVersion", BCON_UTF8("telemetry-host"), "modules", "[", "]",
        "bits", BCON_INT32(8 * sizeof(void*)), "debug", BCON_BOOL(false), "maxBsonObjectSize",
        BCON_INT32(kMaxMessageSize), "storageEngines", "[", "]")));
}

void append(const Document& to, const std::string& key, const std::string& value) {
    bson_append_utf8(to.get(), key.data(), static_cast<int>(key.size()), asUtf8(value).c_str(), -1);
}

Answer cmdLineOpts(const Call& call) {
    const Options& options = call.context.options;
    const Document argv;
    for (std::size_t i = 0; i < options.argv.size(); ++i) {
        append(argv, std::to_string(i), options.argv[i]);
    }
    const Document parameters;
    for (const auto& [name, value] : options.setParameters) {
        append(parameters, name, value);
    }
    return success(Document(BCON_NEW(
        "argv", BCON_ARRAY(argv.get()), "parsed", "{", "net", "{", "port",
        BCON_INT32(options.port.value_or(0)), "}", "setParameter", BCON_DOCUMENT(parameters.get()),
        "storage", "{", "dbPath", BCON_UTF8(asUtf8(options.dbpath).c_str()), "}", "}")));
}

// The section holds by default what may be archived, everything if asked for, nothing if refused.
Answer serverStatus(const Call& call) {
    static const std::int64_t started = millisNow();
    constexpr const char* section = "perconaTelemetry";
    std::array<char, 256> hostName{};
    ::gethostname(hostName.data(), hostName.size() - 1);
    Document reply(BCON_NEW("host", BCON_UTF8(hostName.data()), "version",
                            BCON_UTF8(asUtf8(call.context.options.version).c_str()), "process",
                            BCON_UTF8("telemetry-host"), "pid", BCON_INT64(::getpid()),
                            "uptimeMillis", BCON_INT64(millisNow() - started), "localTime",
                            BCON_DATE_TIME(millisNow())));
    bson_iter_t asked;
    if (!bson_iter_init_find(&asked, call.request.command.get(), section)) {
        if (const auto summary = Document::fromJson(call.context.telemetry.summary())) {
            bson_append_document(reply.get(), section, -1, summary->get());
        }
    } else if (bson_iter_as_bool(&asked)) {
        appendParameter(reply, section, call.context.telemetry, "perconaTelemetryStatus");
    }
    return success(std::move(reply));
}

Answer shutDown(const Call& call) {
    call.context.requestShutdown();
    return std::nullopt;
}

Answer nothing(const Call&) {
    return success();
}

struct Command {
    std::string_view name;
    bool adminOnly;
    Answer (*run)(const Call&);
};

constexpr std::array kCommands{
    Command{"hello", false, hello},
    Command{"isMaster", false, hello},
    Command{"ismaster", false, hello},
    Command{"ping", false, nothing},
    Command{"endSessions", false, nothing},  // no session is kept
    Command{"buildInfo", false, buildInfo},
    Command{"buildinfo", false, buildInfo},
    Command{"getCmdLineOpts", true, cmdLineOpts},
    Command{"serverStatus", false, serverStatus},
    Command{"getParameter", true,
            [](const Call& call) -> Answer {
                return getParameter(call.context.telemetry, call.request.command);
            }},
    Command{"setParameter", true,
            [](const Call& call) -> Answer {
                return setParameter(call.context.telemetry, call.request.command);
            }},
    Command{"shutdown", true, shutDown},
};

}  // namespace

Document success(Document reply) {
    bson_append_double(reply.get(), "ok", -1, 1);
    return reply;
}

Document failure(const std::string& message) {
    return Document(BCON_NEW("ok", BCON_DOUBLE(0), "errmsg", BCON_UTF8(asUtf8(message).c_str())));
}

Document failure(std::int32_t code, const char* name, const std::string& message) {
    Document reply = failure(message);
    BCON_APPEND(reply.get(), "code", BCON_INT32(code), "codeName", BCON_UTF8(name));
    return reply;
}

Document badValue(const std::string& message) {
    return failure(2, "BadValue", message);
}

Document internalError(const std::string& message) {
    return failure(1, "InternalError", message);
}

std::optional<Document> runCommand(const CommandContext& context, const Request& request,
                                   std::int32_t connectionId) {
    bson_iter_t first;  // its key is the command's name
    const bool hasName = bson_iter_init(&first, request.command.get()) && bson_iter_next(&first);
    const std::string name = hasName ? bson_iter_key(&first) : "";
    const auto* const command =
        std::find_if(kCommands.begin(), kCommands.end(),
                     [&name](const Command& candidate) { return candidate.name == name; });

    if (request.database.empty()) {
        return failure(40571, "Location40571", "OP_MSG requests require a $db argument");
    }
    if (command == kCommands.end()) {
        return failure(59, "CommandNotFound", "no such command: '" + name + "'");
    }
    if (request.isLegacy && command->run != hello) {
        return failure(352, "UnsupportedOpQueryCommand",
                       "'" + name + "' is not taken as OP_QUERY: send it as OP_MSG");
    }
    if (command->adminOnly && request.database != "admin") {
        return failure(kUnauthorized, "Unauthorized",
                       name + " may only be run against the admin database.");
    }
    return command->run({context, request, connectionId});
}

}  // namespace telemetry_host
