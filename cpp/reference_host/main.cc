// telemetry-host: a small server that embeds the telemetry library as mongod does.
//
// For those who embed it elsewhere: the lines marked (1), (2) and (3) are all there is to it, and
// LogHost is all that the library asks for. The parameters are in parameters.cc.

#include <unistd.h>

#include <chrono>
#include <cstdint>
#include <cstring>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "commands.h"
#include "dbpath_lock.h"
#include "log.h"
#include "options.h"
#include "parameters.h"
#include "psmdb_telemetry/telemetry.h"
#include "server.h"
#include "signals.h"
#include "startup_error.h"

namespace telemetry_host {
namespace {

using psmdb::telemetry::Telemetry;

constexpr int kStopped = 0;
constexpr int kFailed = 1;
constexpr int kRefusedToStart = 2;

// The library's events go to the server's log.
class LogHost : public psmdb::telemetry::Host {
public:
    void log(const LogEvent& event) override {
        writeLog(kControl, event);
    }
};

std::int64_t microsSince(std::chrono::steady_clock::time_point begin) {
    const auto took = std::chrono::steady_clock::now() - begin;
    return std::chrono::duration_cast<std::chrono::microseconds>(took).count();
}

void info(std::string_view component, int id, std::string_view message,
          std::vector<psmdb::telemetry::LogAttribute> attributes = {}) {
    writeLog(component, {id, LogLevel::info, message, std::move(attributes)});
}

void run(const Options& options) {
    Telemetry telemetry(std::make_shared<LogHost>());  // (1) any time, also before a fork
    applyStartupParameters(telemetry, options.setParameters);

    const DbpathLock lock(options.dbpath);
    info(kControl, 4615611, "MongoDB starting",
         {{"pid", std::int64_t{::getpid()}}, {"dbPath", std::string_view(options.dbpath)}});

    const Signals signals;  // blocked before there is any other thread
    const CommandContext context{telemetry, options, Signals::requestStop};
    std::optional<Server> server;
    if (options.port) {
        server.emplace(options.bindIp, *options.port,
                       [&context](const Request& request, const Peer& peer) {
                           return runCommand(context, request, peer);
                       });
    }

    auto begin = std::chrono::steady_clock::now();
    telemetry.start({options.dbpath, options.version});  // (2) start-up is complete
    info(kControl, 29900, "Telemetry start returned", {{"durationMicros", microsSince(begin)}});
    if (server) {
        info(kNetwork, 23016, "Waiting for connections", {{"port", std::int64_t{server->port()}}});
    } else {
        info(kNetwork, 29902, "Waiting for signals only, --port not given");
    }

    const int signal = signals.waitForStop();
    info(kControl, 23377, "Received signal",
         {{"signal", std::int64_t{signal}}, {"error", std::string_view(::strsignal(signal))}});
    begin = std::chrono::steady_clock::now();
    const bool ended = telemetry.stop(options.stopDeadline);  // (3) first thing of the shutdown
    info(kControl, 29901, "Telemetry stop returned",
         {{"durationMicros", microsSince(begin)}, {"threadsEnded", ended}});
    if (server) {
        server->stop();
    }
    info(kControl, 23138, "Shutting down", {{"exitCode", std::int64_t{kStopped}}});
}

}  // namespace
}  // namespace telemetry_host

int main(int argc, char** argv) {
    using namespace telemetry_host;
    try {
        const Options options = parseOptions(std::vector<std::string>(argv, argv + argc));
        if (options.help) {
            std::cout << helpText();
            return kStopped;
        }
        run(options);
        return kStopped;
    } catch (const StartupError& error) {
        std::cerr << onOneLine(error.what()) << '\n';
        return kRefusedToStart;
    } catch (const std::exception& error) {
        std::cerr << "telemetry-host failed: " << onOneLine(error.what()) << '\n';
        return kFailed;
    }
}
