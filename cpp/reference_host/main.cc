// telemetry-host: a small server that embeds the telemetry library as mongod does.
//
// For those who embed it elsewhere: the lines marked (1), (2) and (3) are all there is to it, and
// LogHost is all that the library asks for. The parameters are in parameters.cc.

#include <unistd.h>

#include <csignal>
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

namespace telemetry_host {
namespace {

using psmdb::telemetry::LogEvent;
using psmdb::telemetry::Telemetry;

constexpr std::string_view kControl = "CONTROL";
constexpr std::string_view kNetwork = "NETWORK";

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

void info(std::string_view component, int id, std::string_view message,
          std::vector<psmdb::telemetry::LogAttribute> attributes = {}) {
    writeLog(component, {id, psmdb::telemetry::LogLevel::info, message, std::move(attributes)});
}

// Signals the way mongod takes them: blocked in this thread, and so in those that it starts from
// now on, and waited for in one place. No handler is installed.
sigset_t blockSignals() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGHUP, SIGINT, SIGUSR1, SIGTERM, SIGXCPU}) {
        sigaddset(&signals, signal);
    }
    ::pthread_sigmask(SIG_BLOCK, &signals, nullptr);
    return signals;
}

int waitForStop(const sigset_t& signals) {
    int signal = SIGUSR1;
    while (signal == SIGUSR1) {  // mongod rotates its log file at this one: there is none
        ::sigwait(&signals, &signal);
    }
    return signal;
}

void run(const Options& options) {
    Telemetry telemetry(std::make_shared<LogHost>());  // (1) any time, also before a fork
    applyStartupParameters(telemetry, options);

    const DbpathLock lock(options.dbpath);
    info(kControl, 4615611, "MongoDB starting",
         {{"pid", std::int64_t{::getpid()}}, {"dbPath", std::string_view(options.dbpath)}});

    const sigset_t signals = blockSignals();  // before there is any other thread
    const CommandContext context{telemetry, options, [] { ::kill(::getpid(), SIGTERM); }};
    std::optional<Server> server;
    if (options.port) {
        server.emplace(*options.port, [&context](const Request& request, std::int32_t connection) {
            return runCommand(context, request, connection);
        });
        info(kNetwork, 23016, "Waiting for connections", {{"port", std::int64_t{server->port()}}});
    } else {
        info(kNetwork, 29902, "Waiting for signals only, --port not given");
    }
    telemetry.start({options.dbpath, options.version});  // (2) start-up is complete

    const int signal = waitForStop(signals);
    info(kControl, 23377, "Received signal",
         {{"signal", std::int64_t{signal}}, {"error", std::string_view(::strsignal(signal))}});
    const bool ended = telemetry.stop(options.stopDeadline);  // (3) first thing of the shutdown
    info(kControl, 29901, "Telemetry stop returned", {{"threadsEnded", ended}});
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
        const Options options = parseOptions(argc, argv);
        if (options.help) {
            std::cout << helpText();
            return kStopped;
        }
        run(options);
        return kStopped;
    } catch (const StartupError& error) {
        std::cerr << error.what() << '\n';
        return kRefusedToStart;
    } catch (const std::exception& error) {
        std::cerr << "telemetry-host failed: " << error.what() << '\n';
        return kFailed;
    }
}
