// Many threads at once on one handle. (Many handles, one after the other: many_cycles.cc.)

#include <algorithm>
#include <array>
#include <atomic>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "strict_host.h"
#include "support.h"

namespace consumer {
namespace {

using psmdb::telemetry::Code;

constexpr unsigned kThreads = 8;
constexpr unsigned kCallsPerThread = 100;
constexpr std::chrono::seconds kDuration(1);

// Some calls in an order that `seed` decides; false if one gave an answer that it may not give.
bool callInDisorder(Telemetry& telemetry, StrictHost& host, const std::string& dbpath,
                    unsigned seed, bool mayStop) {
    std::mt19937 random(seed);
    bool isAsExpected = true;
    for (unsigned call = 0; call < kCallsPerThread; ++call) {
        switch (random() % 9) {
            case 0:
            case 1:
                telemetry.start({dbpath, kVersion});
                break;
            case 2:
            case 3: {
                const char* const value = random() % 2 == 0 ? "true" : "false";
                const Code code = telemetry.set("perconaTelemetry", value, When::runtime).code;
                isAsExpected &= code == Code::ok || code == Code::notSettable;
                break;
            }
            case 4: {
                const Code code =
                    telemetry.set("perconaTelemetryGracePeriod", "0", When::startup).code;
                isAsExpected &= code == Code::ok || code == Code::notSettable;
                break;
            }
            case 5: {
                const std::string value = telemetry.get("perconaTelemetry").text;
                isAsExpected &= value == "true" || value == "false";
                break;
            }
            case 6:
            case 7:
                isAsExpected &= telemetry.status().substr(0, 11) == "{\"enabled\":";
                break;
            default:
                if (mayStop && random() % 32 == 0) {
                    // A line that has begun is waited for until the deadline, and no longer.
                    const bool isInAHurry = random() % 2 == 0;
                    telemetry.stop(isInAHurry ? std::chrono::milliseconds(random() % 10)
                                              : kPatience);
                    host.isStopped = host.isStopped || !isInAHurry;
                }
        }
    }
    return isAsExpected;
}

// Waits until there is nothing left to do now; whether the report was delivered. If an attempt was
// cut, the next waits as a retry does.
bool delivers(const Telemetry& telemetry) {
    bool isSent = false;
    eventually("a delivery, or a time for the next attempt", [&] {
        const std::string status = telemetry.status();
        isSent = member(status, "state") == "sent";
        return isSent || member(status, "nextAttempt") != "null";
    });
    return isSent;
}

// Whether it was one that nobody stopped, and that delivered.
bool oneRound(Receiver& receiver, unsigned round) {
    const bool isStopped = round % 2 == 0;
    const TempDir dbpath;
    const auto host = std::make_shared<StrictHost>();
    Telemetry telemetry(host);
    set(telemetry, "perconaTelemetryUrl", receiver.url());
    std::atomic<int> unexpected{0};
    std::vector<std::thread> callers;
    for (unsigned i = 0; i < kThreads; ++i) {
        callers.emplace_back([&, i] {
            unexpected +=
                callInDisorder(telemetry, *host, dbpath.path(), round * kThreads + i, isStopped)
                    ? 0
                    : 1;
        });
    }
    for (std::thread& caller : callers) {
        caller.join();
    }
    bool isDelivered = false;
    if (!isStopped) {
        switchAtRuntime(telemetry, true);
        isDelivered = delivers(telemetry);
    }
    expectStopped(telemetry);
    host->isStopped = true;
    const std::string last = state(telemetry);
    const std::set<std::string> final = {"off", "sent", "stopped"};
    expect(final.count(last) == 1, "a state in which nothing is left to do", last);
    expectEqual("threads that got an unexpected answer", 0, unexpected.load());
    waitUntilLibraryThreadsAreGone();
    // A stop with a short deadline may overtake the opt-out of another thread, and then says so.
    std::vector<std::string> warnings = host->warnings();
    const std::string_view overtaken = "opt-out not confirmed";
    warnings.erase(std::remove_if(warnings.begin(), warnings.end(),
                                  [&](const std::string& line) {
                                      return line.find(overtaken) != std::string::npos;
                                  }),
                   warnings.end());
    expectEqual("warnings", joined({}), joined(warnings));
    expectEqual("lines begun after stop()", 0, host->lateLines.load());
    return isDelivered;
}

void manyThreadsShareAHandle() {
    Receiver receiver = Receiver::answering();
    unsigned rounds = 0;
    std::size_t delivered = 0;
    for (const auto end = Clock::now() + kDuration; Clock::now() < end || delivered == 0;
         ++rounds) {
        delivered += oneRound(receiver, rounds) ? 1 : 0;
    }
    std::map<std::string, std::set<std::string>> bodies;
    for (const Request& request : receiver.requests()) {
        bodies[member(request.body, "instanceId")].insert(request.body);
    }
    expect(bodies.size() >= delivered, "a report of each handle that delivered",
           std::to_string(bodies.size()) + " of " + std::to_string(delivered) + " handles");
    for (const auto& [instanceId, reports] : bodies) {
        expectEqual("different reports of instance " + instanceId, 1U, reports.size());
    }
    std::cout << "   " << rounds << " handles, " << kThreads * kCallsPerThread << " calls each, "
              << receiver.requests().size() << " requests of " << bodies.size() << " instances"
              << std::endl;
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"many threads may call one handle in any order", manyThreadsShareAHandle},
    });
}
