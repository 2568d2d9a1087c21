// A log that throws, a log that takes its time, and a log that calls back.

#include <atomic>
#include <functional>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <tuple>
#include <utility>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

// Keeps each line, then does something else.
class OddHost : public RecordingHost {
public:
    explicit OddHost(std::function<void()> act) : _act(std::move(act)) {
    }

    void log(const LogEvent& event) override {
        RecordingHost::log(event);
        _act();
    }

private:
    const std::function<void()> _act;
};

void whatItThrowsIsIgnored() {
    for (const bool isException : {true, false}) {
        const TempDir dbpath;
        Receiver receiver = Receiver::answering();
        const auto host = std::make_shared<OddHost>([=] {
            if (isException) {
                throw std::runtime_error("the disk of the log is full");
            }
            throw 7;
        });
        Telemetry telemetry(host);
        start(telemetry, dbpath, receiver.url());
        host->waitFor("Telemetry report delivered");
        waitUntilLibraryThreadsAreGone();
        expectEqual("state", "sent", state(telemetry));
        expectEqual("lastError", "null", member(telemetry, "lastError"));
        expectStopped(telemetry);

        // Off: the line is written by the thread that calls start().
        const TempDir quietDbpath;
        Telemetry quiet(host);
        set(quiet, "perconaTelemetry", "false");
        quiet.start({quietDbpath.path(), kVersion});
        expectEqual("state", "off", state(quiet));
        expectStopped(quiet);
    }
}

void stopWaitsForTheRunningLine() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    Gate entered;
    std::atomic<bool> isRunning{false};
    std::atomic<int> begun{0};
    const auto host = std::make_shared<OddHost>([&] {
        ++begun;
        isRunning = true;
        entered.open();
        std::this_thread::sleep_for(std::chrono::milliseconds(200));  // a slow disk
        isRunning = false;
    });
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    entered.expectPassed("log() is called");
    const bool hasEnded = telemetry.stop(kPatience);
    const bool wasRunning = isRunning;
    const int begunBefore = begun;
    expect(!wasRunning, "no log() runs when stop() has returned", "one runs");
    expect(hasEnded, "stop() is true", "false");
    waitUntilLibraryThreadsAreGone();
    expectEqual("log() calls begun after stop()", begunBefore, begun.load());
}

void stopWaitsNoLongerThanItsDeadline() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    Gate entered;
    Gate release;
    std::atomic<int> begun{0};
    const auto host = std::make_shared<OddHost>([&] {
        ++begun;
        entered.open();
        release.pass();
    });
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    entered.expectPassed("log() is called");
    bool hasEnded = true;
    const Millis took = timed([&] { hasEnded = telemetry.stop(kStopBudget); });
    release.open();
    expect(!hasEnded, "stop() is false while log() runs", "true");
    expect(took >= kStopBudget, "stop() waits until its deadline",
           std::to_string(took.count()) + " ms");
    expect(took < kPatience / 4, "stop() returns at its deadline",
           std::to_string(took.count()) + " ms");
    expect(telemetry.stop(kPatience), "a second stop() sees the thread gone", "it is not");
    waitUntilLibraryThreadsAreGone();
    expectEqual("log() calls", 1, begun.load());
}

void aBlockedLineBlocksNoOtherCall() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    Gate entered;
    Gate release;
    const auto caller = std::this_thread::get_id();
    const auto host = std::make_shared<OddHost>([&] {
        if (std::this_thread::get_id() != caller) {
            entered.open();
            release.pass();
        }
    });
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    entered.expectPassed("log() is called");
    expectEqual("perconaTelemetry", "true", telemetry.get("perconaTelemetry").text);
    expectEqual("state", "waiting", state(telemetry));
    switchAtRuntime(telemetry, false);
    expectEqual("state", "off", state(telemetry));
    telemetry.start({dbpath.path(), kVersion});
    release.open();
    eventually("the opt-out is stored", [&] { return stored(dbpath, "optOut") == "1"; });
    expectStopped(telemetry);
    expectEqual("connections", 0U, receiver.connections());
}

void itMayCallBack() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    Telemetry* self = nullptr;
    const auto host = std::make_shared<OddHost>([&] {
        std::ignore = self->get("perconaTelemetryUrl");
        std::ignore = self->status();
        std::ignore = self->set("perconaTelemetryGracePeriod", "1", When::startup);
        std::ignore = self->set("perconaTelemetry", "true", When::runtime);
        self->start({"/nowhere", kVersion});
    });
    Telemetry telemetry(host);
    self = &telemetry;
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    expectEqual("state", "sent", state(telemetry));
    expectEqual("lines: on, started again, delivered", 3U, host->lines().size());
    expectEqual("requests", 1U, receiver.requests().size());
}

void itMayStop() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    Telemetry* self = nullptr;
    Gate returned;
    const auto host = std::make_shared<OddHost>([&] {
        self->stop(kPatience);
        returned.open();
    });
    Telemetry telemetry(host);
    self = &telemetry;
    start(telemetry, dbpath, receiver.url());
    returned.expectPassed("stop() returns, called by log() on the library's thread");
    waitUntilLibraryThreadsAreGone();
    expectEqual("state", "stopped", state(telemetry));
    expectEqual("lines", 1U, host->lines().size());
    expectStopped(telemetry);

    // Off: log() and stop() are called by the thread that calls start().
    Telemetry quiet(host);
    self = &quiet;
    set(quiet, "perconaTelemetry", "false");
    quiet.start({dbpath.path(), kVersion});
    expectEqual("lines", 2U, host->lines().size());
    expectStopped(quiet);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"what log() throws is ignored", whatItThrowsIsIgnored},
        {"stop() waits for a log() that runs", stopWaitsForTheRunningLine},
        {"stop() waits for a log() that runs no longer than its deadline",
         stopWaitsNoLongerThanItsDeadline},
        {"a log() that blocks holds up no other call", aBlockedLineBlocksNoOtherCall},
        {"log() may call back into the library", itMayCallBack},
        {"log() may stop the library", itMayStop},
    });
}
