// start() and status() as the server's own thread sees them: how long each call takes, and how
// often it allocates. Prints nanoseconds and allocations, one list each, as a JSON object.
//
// usage: callers_thread RUNS

#include <cstdio>
#include <cstdlib>
#include <memory>
#include <string>
#include <vector>

#include "allocations.h"
#include "support.h"

namespace {

thread_local long allocations = 0;

}  // namespace

void onAllocation(std::size_t) noexcept {
    ++allocations;
}

namespace consumer {
namespace {

class SilentHost : public Host {
public:
    void log(const LogEvent&) override {
    }
};

// What many calls took, printed at the end.
class Calls {
public:
    explicit Calls(std::size_t runs) {
        _nanoseconds.reserve(runs);
        _allocations.reserve(runs);
    }

    template <typename Call>
    void add(const Call& call) {
        const long before = allocations;
        const auto begin = Clock::now();
        call();
        const auto took = Clock::now() - begin;
        _allocations.push_back(allocations - before);
        _nanoseconds.push_back(
            static_cast<long>(std::chrono::duration_cast<std::chrono::nanoseconds>(took).count()));
    }

    void print(const char* name) const {
        print(name, "ns", _nanoseconds);
        print(name, "allocations", _allocations);
    }

private:
    static void print(const char* name, const char* unit, const std::vector<long>& values) {
        std::printf("\"%s, %s\": [", name, unit);
        const char* separator = "";
        for (const long value : values) {
            std::printf("%s%ld", separator, value);
            separator = ",";
        }
        std::printf("],\n");
    }

    std::vector<long> _nanoseconds;
    std::vector<long> _allocations;
};

// Each start is the first of a dbpath: its thread makes an identity, and waits out the grace
// period.
Calls starts(std::size_t runs) {
    Calls calls(runs);
    for (std::size_t i = 0; i < runs; ++i) {
        const TempDir dbpath;
        Telemetry telemetry(std::make_shared<SilentHost>());
        set(telemetry, "perconaTelemetryGracePeriod", "604800");
        const std::string path = dbpath.path();
        calls.add([&] { telemetry.start({path, kVersion}); });
        expectStopped(telemetry);
    }
    return calls;
}

Calls statuses(const Telemetry& telemetry, std::size_t runs) {
    Calls calls(runs);
    for (std::size_t i = 0; i < runs; ++i) {
        std::string text;
        calls.add([&] { text = telemetry.status(); });
        expectContains("the status", "\"state\":", text);
    }
    return calls;
}

void measure(std::size_t runs) {
    std::printf("{");
    {
        starts(runs).print("start()");
        const TempDir dbpath;
        Receiver receiver = Receiver::answering();
        Telemetry telemetry(std::make_shared<SilentHost>());
        start(telemetry, dbpath, receiver.url());
        waitForState(telemetry, "sent");
        waitUntilLibraryThreadsAreGone();
        statuses(telemetry, runs).print("status()");
    }
    // The longest time-out that can be set, so that one attempt hangs all the while.
    ::setenv("PERCONA_SEND_TIMEOUT", "3600", 1);
    const TempDir dbpath;
    Receiver receiver = Receiver::silent();
    Telemetry telemetry(std::make_shared<SilentHost>());
    start(telemetry, dbpath, receiver.url());
    receiver.waitForConnections(1);
    starts(runs).print("start() while an attempt hangs");
    statuses(telemetry, runs).print("status() while an attempt hangs");
    expectEqual("state in the end", "sending", state(telemetry));
    Calls stop(1);
    stop.add([&] { telemetry.stop(kTimeout); });
    stop.print("stop() while an attempt hangs");
    std::printf("\"runs\": %zu}\n", runs);
}

}  // namespace
}  // namespace consumer

int main(int count, char** words) {
    consumer::clearEnvironment();
    try {
        consumer::measure(count > 1 ? static_cast<std::size_t>(std::atol(words[1])) : 10000);
        return 0;
    } catch (const std::exception& failure) {
        std::fprintf(stderr, "callers_thread: %s\n", failure.what());
        return 1;
    }
}
