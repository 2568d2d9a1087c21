#include "server_info.h"

#include <unistd.h>

#include <array>
#include <charconv>
#include <chrono>

#include "message.h"
#include "parameters.h"

namespace telemetry_host {
namespace {

constexpr std::int32_t kMaxWireVersion = 9;  // MongoDB 4.4

// The numbers of "4.4.26-25": [4, 4, 26, 25]. Four of them, as clients expect.
std::vector<std::int32_t> versionArray(const std::string& version) {
    std::vector<std::int32_t> numbers;
    const char* const end = version.data() + version.size();
    for (const char* at = version.data(); at != end && numbers.size() < 4;) {
        std::int32_t number = 0;
        const auto [stopped, error] = std::from_chars(at, end, number);
        if (error != std::errc{} || number < 0) {
            break;
        }
        numbers.push_back(number);
        at = stopped == end ? end : stopped + 1;  // past the dot or hyphen
    }
    numbers.resize(4, 0);
    return numbers;
}

std::string hostName() {
    std::array<char, 256> name{};
    return ::gethostname(name.data(), name.size() - 1) == 0 ? name.data() : "localhost";
}

// By default what may be archived, everything if asked for, nothing if refused. A status that is
// not available leaves the section out: the rest is still of use.
void addSection(Document& reply, const psmdb::telemetry::Telemetry& telemetry,
                const Document& command) {
    constexpr const char* name = "perconaTelemetry";
    bson_iter_t asked;
    if (bson_iter_init_find(&asked, command.get(), name)) {
        if (bson_iter_as_bool(&asked)) {
            addParameter(reply, name, telemetry, "perconaTelemetryStatus");
        }
    } else if (const auto summary = Document::fromJson(telemetry.summary())) {
        reply.addDocument(name, *summary);
    }
}

}  // namespace

Document describeServer(const Peer& peer) {
    Document reply;
    reply.addBool("helloOk", true);
    reply.addBool("ismaster", true);
    reply.addBool("isWritablePrimary", true);
    reply.addInt32("maxBsonObjectSize", kMaxDocumentSize);
    reply.addInt32("maxMessageSizeBytes", kMaxMessageSize);
    reply.addInt32("maxWriteBatchSize", 100000);
    reply.addNow("localTime");
    reply.addInt32("logicalSessionTimeoutMinutes", 30);
    reply.addInt32("connectionId", peer.connectionId);
    reply.addInt32("minWireVersion", 0);
    reply.addInt32("maxWireVersion", kMaxWireVersion);
    reply.addBool("readOnly", false);
    return reply;
}

Document buildInfo(const Options& options) {
    Document reply;
    reply.addText("version", options.version);
    reply.addText("psmdbVersion", options.version);
    reply.addArray("versionArray", versionArray(options.version));
    reply.addText("gitVersion", "telemetry-host");
    reply.addArray("modules", std::vector<std::string>{});
    reply.addInt32("bits", 8 * static_cast<std::int32_t>(sizeof(void*)));
    reply.addBool("debug", false);
    reply.addInt32("maxBsonObjectSize", kMaxDocumentSize);
    reply.addArray("storageEngines", std::vector<std::string>{});
    return reply;
}

Document cmdLineOpts(const Options& options) {
    Document net;
    net.addText("bindIp", options.bindIp);
    if (options.port) {
        net.addInt32("port", *options.port);
    }
    Document parameters;
    for (const auto& [name, value] : options.setParameters) {
        parameters.addText(name, value);
    }
    Document storage;
    storage.addText("dbPath", options.dbpath);

    Document parsed;
    parsed.addDocument("net", net);
    parsed.addDocument("setParameter", parameters);
    parsed.addDocument("storage", storage);

    Document reply;
    reply.addArray("argv", options.argv);
    reply.addDocument("parsed", parsed);
    return reply;
}

Document serverStatus(const CommandContext& context, const Document& command, const Peer& peer) {
    using namespace std::chrono;
    const auto up = steady_clock::now() - context.started;

    Document connections;
    connections.addInt32("current", peer.connectionsOpen);
    connections.addInt32("available", peer.connectionsAvailable);
    connections.addInt32("totalCreated", peer.connectionsEver);

    Document reply;
    reply.addText("host", hostName());
    reply.addText("version", context.options.version);
    reply.addText("process", "telemetry-host");
    reply.addInt64("pid", ::getpid());
    reply.addDouble("uptime", static_cast<double>(duration_cast<seconds>(up).count()));
    reply.addInt64("uptimeMillis", duration_cast<milliseconds>(up).count());
    reply.addNow("localTime");
    reply.addDocument("connections", connections);
    addSection(reply, context.telemetry, command);
    return reply;
}

}  // namespace telemetry_host
