// Many threads at once on one handle. (Many handles, one after the other: many_cycles.cc.)

#include <map>
#include <random>
#include <set>

#include "support.h"

using namespace consumer;

namespace {

constexpr std::size_t kThreads = 9;
constexpr unsigned kCallsPerThread = 20;
constexpr int kHeadStarts = 1000;

// Some calls in an order that `seed` decides; false if one gave an answer that it may not give.
bool callInDisorder(Telemetry& telemetry, const std::string& dbpath, unsigned seed) {
    const auto canSet = [&](const char* name, const char* value, When when) {
        const Code code = telemetry.set(name, value, when).code;
        return code == Code::ok || code == Code::notSettable;
    };
    const std::array<std::function<bool()>, 6> calls = {
        [&] {
            telemetry.start({dbpath, kVersion});
            return true;
        },
        [&] { return canSet("perconaTelemetry", "true", When::runtime); },
        [&] { return canSet("perconaTelemetry", "false", When::runtime); },
        [&] { return canSet("perconaTelemetryGracePeriod", "0", When::startup); },
        [&] { return telemetry.get("perconaTelemetry").code == Code::ok; },
        [&] { return telemetry.status().rfind("{\"enabled\":", 0) == 0; },
    };
    std::mt19937 random(seed);
    bool isAsExpected = true;
    for (unsigned call = 0; call < kCallsPerThread; ++call) {
        isAsExpected &= calls.at(random() % calls.size())();
    }
    return isAsExpected;
}

// All begin in the same instant. Gives the number of those that returned false.
int race(const std::vector<std::function<bool()>>& racers) {
    std::atomic<std::size_t> missing{racers.size()};
    std::atomic<int> failed{0};
    std::vector<std::thread> threads;
    for (const auto& racer : racers) {
        threads.emplace_back([&] {
            for (--missing; missing > 0;) {
                std::this_thread::yield();
            }
            failed += racer() ? 0 : 1;
        });
    }
    for (std::thread& thread : threads) {
        thread.join();
    }
    return failed;
}

// Waits until there is nothing left to do now: the report is delivered or, if an attempt was cut,
// the next waits as a retry does.
void waitUntilDone(const Telemetry& telemetry) {
    eventually("a delivery, or a time for the next attempt", [&] {
        const std::string status = telemetry.status();
        return member(status, "state") == "sent" || member(status, "nextAttempt") != "null";
    });
}

// A stop with a short deadline may overtake the opt-out of another thread, and then says so.
void expectNoOtherWarning(const RecordingHost& host) {
    for (const std::string& line : host.warnings()) {
        expectContains("a warning", "opt-out not confirmed", line);
    }
}

// Two threads start, in every second round two stop, the others do anything. From round to round
// the start gets a little further before it is stopped: by calls that take as long as they take.
// Gives the state at the end.
std::string oneRound(const std::string& url, unsigned round) {
    const bool isStopped = round % 2 == 0;
    const Server server;
    Telemetry& telemetry = server.telemetry();
    set(telemetry, "perconaTelemetryUrl", url);
    const auto startIt = [&] {
        telemetry.start({server.dbpath.path(), kVersion});
        return true;
    };
    const auto stopWithin = [&](std::chrono::milliseconds deadline) {
        return [&, deadline] {
            for (unsigned i = 0; i < round % kHeadStarts; ++i) {
                std::ignore = telemetry.status();
            }
            if (telemetry.stop(deadline)) {
                server.host->isStopped = true;
            }
            return true;
        };
    };
    std::vector<std::function<bool()>> racers = {startIt, startIt};
    if (isStopped) {
        racers.emplace_back(stopWithin(std::chrono::milliseconds(0)));
        racers.emplace_back(stopWithin(kTimeout));
    }
    while (racers.size() < kThreads) {
        const auto seed = static_cast<unsigned>(round * kThreads + racers.size());
        racers.emplace_back(
            [&, seed] { return callInDisorder(telemetry, server.dbpath.path(), seed); });
    }
    expectEqual("threads that got an unexpected answer", 0, race(racers));
    if (!isStopped) {
        switchAtRuntime(telemetry, true);
        waitUntilDone(telemetry);
    }
    server.stop();
    server.host->isStopped = true;
    const std::string last = state(telemetry);
    const std::set<std::string> final = {"off", "sent", "stopped"};
    expect(final.count(last) == 1, "a state in which nothing is left to do", last);
    startIt();
    server.expectStatus({{"state", last}});
    waitUntilLibraryThreadsAreGone();
    expectNoOtherWarning(*server.host);
    expectEqual("lines begun after stop()", 0, server.host->lateLines.load());
    return last;
}

}  // namespace

TEST("start(), stop(), set(), get() and status() may race, in any order and in any thread") {
    const auto rounds = static_cast<unsigned>(repetitions("TELEMETRY_ROUNDS", 1000));
    Receiver receiver = Receiver::answering();
    std::map<std::string, int> ends;
    for (unsigned round = 0; round < rounds; ++round) {
        ++ends[oneRound(receiver.url(), round)];
    }
    std::map<std::string, std::string> reports;
    for (const Request& request : receiver.requests()) {
        const std::string instanceId = member(request.body, "instanceId");
        const std::string& first = reports.try_emplace(instanceId, request.body).first->second;
        expectEqual("each report of instance " + instanceId, first, request.body);
    }
    expect(reports.size() >= static_cast<std::size_t>(ends["sent"]),
           "a report of each handle that delivered", std::to_string(reports.size()));
    std::cout << "   " << rounds << " rounds of " << kThreads << " threads:";
    for (const auto& [name, count] : ends) {
        std::cout << " " << count << " " << name;
    }
    std::cout << std::endl;
}

int main() {
    return prove();
}
