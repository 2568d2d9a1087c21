// telemetry-host: a small server that embeds the telemetry library as mongod does.
//
// For those who embed it elsewhere: the lines marked (1), (2) and (3) are all there is to it, and
// LogHost is all that the library asks for. The parameters are in parameters.cc.

#include <unistd.h>

#include <array>
#include <chrono>
#include <cstdio>
#include <exception>
#include <iostream>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
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

using psmdb::telemetry::LogEvent;
using psmdb::telemetry::LogLevel;
using psmdb::telemetry::Telemetry;

constexpr int kStopped = 0;
constexpr int kFailed = 1;
constexpr int kRefusedToStart = 2;

// The library's lines go to the server's log.
class LogHost : public psmdb::telemetry::Host {
public:
    void log(const LogEvent& event) override {
        writeLog(event.level == LogLevel::warning ? Severity::warning : Severity::info, "TELEMETRY",
                 toLine(event));
    }
};

std::string millisSince(std::chrono::steady_clock::time_point begin) {
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f ms", took.count());
    return text.data();
}

void info(const char* component, const std::string& message) {
    writeLog(Severity::info, component, message);
}

void run(const Options& options) {
    Telemetry telemetry(std::make_shared<LogHost>());  // (1) any time, also before a fork
    applyStartupParameters(telemetry, options.setParameters);

    const DbpathLock lock(options.dbpath);
    info("CONTROL", "telemetry-host starting: pid " + std::to_string(::getpid()) + ", version " +
                        options.version + ", dbpath " + options.dbpath);

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
    info("CONTROL", "telemetry start took " + millisSince(begin));
    info("NETWORK", server ? "Waiting for connections on " + server->endpoint()
                           : "Waiting for connections, but no port is open (no --port was given)");

    info("CONTROL", "stopping on signal " + std::to_string(signals.waitForStop()));
    begin = std::chrono::steady_clock::now();
    const bool ended = telemetry.stop(options.stopDeadline);  // (3) first thing of the shutdown
    info("CONTROL", "telemetry stop took " + millisSince(begin) +
                        (ended ? ", its thread has ended" : ", its thread was left behind"));
    if (server) {
        server->stop();
    }
    info("CONTROL", "stopped");
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
