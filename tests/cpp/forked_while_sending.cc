// The server forks while an attempt runs. The child gets a copy of everything but the threads: of
// locks that may be held by a thread it does not have, and of the connection.

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "child.h"
#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

using psmdb::telemetry::Code;

constexpr unsigned kCallers = 3;

// Everything that a child may call.
void useUp(std::unique_ptr<Telemetry>& telemetry, const TempDir& dbpath) {
    const auto read = telemetry->get("perconaTelemetryUrl");
    expect(read.code == Code::internal, "get() in the child fails", read.text);
    expectContains("get() in the child", "forked", read.text);
    for (const When when : {When::startup, When::runtime}) {
        const auto written = telemetry->set("perconaTelemetry", "false", when);
        expect(written.code == Code::internal, "set() in the child fails", written.text);
    }
    expectEqual("status() in the child", "{}", telemetry->status());
    telemetry->start({dbpath.path(), kVersion});
    expectEqual("threads in the child", 1U, threads().size());
    bool hasEnded = false;
    const Millis took = timed([&] { hasEnded = telemetry->stop(kPatience); });
    expect(hasEnded, "stop() in the child is true", "false");
    expect(took < kPatience / 4, "stop() in the child waits for nothing",
           std::to_string(took.count()) + " ms");
    telemetry.reset();
}

// The attempt of the parent outlasts the scenario, however long that takes here.
void setNoTimeout() {
    ::setenv("PERCONA_SEND_TIMEOUT", "3600", 1);
}

void theChildDoesNothingAndTheParentGoesOn() {
    setNoTimeout();
    const TempDir dbpath;
    Receiver receiver = Receiver::holding();
    const auto host = std::make_shared<RecordingHost>();
    auto telemetry = std::make_unique<Telemetry>(host);
    start(*telemetry, dbpath, receiver.url());
    receiver.waitForRequests(1);

    inChild("while an attempt runs", [&] { useUp(telemetry, dbpath); });

    expectEqual("state in the parent", "sending", state(*telemetry));
    receiver.answerAll();
    host->waitFor("Telemetry report delivered");
    expectEqual("connections", 1U, receiver.connections());
    expectEqual("lines in the log: on, and delivered", 2U, host->lines().size());
    expectEqual("stored optOut", "", stored(dbpath, "optOut"));
    expectStopped(*telemetry);
    inChild("after the end", [&] { useUp(telemetry, dbpath); });
}

// A lock is held for an instant now and then: many forks, while others call.
void noLockOfTheParentHoldsTheChildUp() {
    const int forks = repetitions("TELEMETRY_FORKS", 300);
    setNoTimeout();
    const TempDir dbpath;
    Receiver receiver = Receiver::silent();
    auto telemetry = std::make_unique<Telemetry>(nullptr);
    start(*telemetry, dbpath, receiver.url());
    receiver.waitForRequests(1);
    std::atomic<bool> isOver{false};
    std::vector<std::thread> callers;
    for (unsigned i = 0; i < kCallers; ++i) {
        callers.emplace_back([&] {
            while (!isOver) {
                std::ignore = telemetry->get("perconaTelemetryUrl");
            }
        });
    }
    try {
        for (int i = 0; i < forks; ++i) {
            inChild("fork " + std::to_string(i), [&] { useUp(telemetry, dbpath); });
        }
    } catch (...) {
        isOver = true;
        for (std::thread& caller : callers) {
            caller.join();
        }
        throw;
    }
    isOver = true;
    for (std::thread& caller : callers) {
        caller.join();
    }
    expectEqual("connections", 1U, receiver.connections());
    expectStopped(*telemetry);
    std::cout << "   " << forks << " forks while " << kCallers << " threads called" << std::endl;
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"a child forked while an attempt runs does nothing, and the parent goes on",
         theChildDoesNothingAndTheParentGoesOn},
        {"no lock of the parent holds a child up", noLockOfTheParentHoldsTheChildUp},
    });
}
