// start() and stop() at the same instant, and parameters that are set and read meanwhile.

#include <algorithm>
#include <atomic>
#include <functional>
#include <initializer_list>
#include <iostream>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "strict_host.h"
#include "support.h"

namespace consumer {
namespace {

using psmdb::telemetry::Code;

constexpr int kHeadStarts = 1000;

// Lets all of them go at once.
class StartingLine {
public:
    explicit StartingLine(std::size_t runners) : _missing(runners) {
    }

    void cross() {
        --_missing;
        while (_missing > 0) {
            std::this_thread::yield();
        }
    }

private:
    std::atomic<std::size_t> _missing;
};

bool isOneOf(Code code, std::initializer_list<Code> allowed) {
    return std::find(allowed.begin(), allowed.end(), code) != allowed.end();
}

void letRun(const Telemetry& telemetry, int calls) {
    for (int i = 0; i < calls; ++i) {
        std::ignore = telemetry.status();
    }
}

// Each round lets the start get a little further before it is stopped: by calls that take as long
// as they take. Gives the state at the end.
std::string oneRound(const TempDir& outbox, int headStart) {
    const TempDir dbpath;
    const auto host = std::make_shared<StrictHost>();
    Telemetry telemetry(host);
    set(telemetry, "perconaTelemetryUrl", "file://" + outbox.path());
    std::atomic<int> unexpected{0};
    const auto note = [&](bool isAsExpected) { unexpected += isAsExpected ? 0 : 1; };
    const std::vector<std::function<void()>> racers = {
        [&] {
            telemetry.start({dbpath.path(), kVersion});
        },
        [&] {
            telemetry.start({dbpath.path(), kVersion});
        },
        [&] {
            letRun(telemetry, headStart);
            telemetry.stop(kStopBudget);
        },
        [&] {
            letRun(telemetry, headStart);
            telemetry.stop(std::chrono::milliseconds(0));
        },
        [&] {
            note(isOneOf(telemetry.set("perconaTelemetry", "false", When::runtime).code,
                         {Code::ok, Code::notSettable}));
        },
        [&] {
            note(isOneOf(telemetry.set("perconaTelemetry", "true", When::runtime).code,
                         {Code::ok, Code::notSettable}));
        },
        [&] {
            note(isOneOf(telemetry.set("perconaTelemetryGracePeriod", "0", When::startup).code,
                         {Code::ok, Code::notSettable}));
        },
        [&] { note(telemetry.status().rfind("{\"enabled\":", 0) == 0); },
        [&] { note(isOneOf(telemetry.get("perconaTelemetry").code, {Code::ok})); },
    };
    StartingLine line(racers.size());
    std::vector<std::thread> threads;
    for (const auto& race : racers) {
        threads.emplace_back([&] {
            line.cross();
            race();
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    expectStopped(telemetry);
    host->isStopped = true;
    expectEqual("answers that may not be given", 0, unexpected.load());
    const std::string last = state(telemetry);
    expect(last == "off" || last == "stopped" || last == "sent",
           "a state in which nothing is left to do", last);
    expectEqual("state of a handle that is started again", last, [&] {
        telemetry.start({dbpath.path(), kVersion});
        return state(telemetry);
    }());
    waitUntilLibraryThreadsAreGone();
    expectEqual("lines begun after stop()", 0, host->lateLines.load());
    return last;
}

void theyMayRace() {
    const int rounds = repetitions("TELEMETRY_ROUNDS", 1000);
    const TempDir outbox;
    std::map<std::string, int> ends;
    for (int round = 0; round < rounds; ++round) {
        ++ends[oneRound(outbox, round % kHeadStarts)];
    }
    std::cout << "   " << rounds << " rounds of 9 threads:";
    for (const auto& [name, count] : ends) {
        std::cout << " " << count << " " << name;
    }
    std::cout << std::endl;
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"start(), stop(), set(), get() and status() may race", theyMayRace},
    });
}
