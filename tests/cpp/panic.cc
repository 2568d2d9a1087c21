// A real panic inside the unmodified archive, on each of its threads and on the caller's.
//
// This program's clock_gettime takes the place of libc's. For the threads that are chosen it fails,
// as it never does: Rust's standard library panics then.

#include <sys/prctl.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <memory>
#include <string>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace {

enum class Victim { nobody, caller, worker, attempt };

std::atomic<Victim> victim{Victim::nobody};
std::atomic<int> failures{0};
thread_local bool isCaller = false;

// To be called without a look at the clock.
bool isChosen() {
    if (victim == Victim::caller) {
        return isCaller;
    }
    std::array<char, 16> name{};
    ::prctl(PR_GET_NAME, name.data());
    const std::string_view mine(name.data());
    return mine == (victim == Victim::worker ? "PsmdbTelemetry" : "PsmdbTelemetryS");
}

}  // namespace

extern "C" int clock_gettime(clockid_t clock, timespec* time) noexcept {
    if (victim != Victim::nobody && isChosen()) {
        ++failures;
        errno = EINVAL;
        return -1;
    }
    return static_cast<int>(::syscall(SYS_clock_gettime, clock, time));
}

namespace consumer {
namespace {

// While it lives, the clock fails for the victim.
class BrokenClock {
public:
    explicit BrokenClock(Victim whose) {
        isCaller = true;
        failures = 0;
        victim = whose;
    }
    ~BrokenClock() {
        victim = Victim::nobody;
    }
    BrokenClock(const BrokenClock&) = delete;
    BrokenClock& operator=(const BrokenClock&) = delete;

    static void expectFailed() {
        expect(failures > 0, "the clock failed: this program's clock_gettime is the one in use",
               "the clock was not asked");
    }
};

void expectSwitchedOff(Telemetry& telemetry, const RecordingHost& host) {
    expectEqual("state", "failed", state(telemetry));
    const std::string lastError = member(telemetry, "lastError");
    expectEqual("lastError begins with", "internal error", lastError.substr(0, 14));
    expectEqual("perconaTelemetry", "false", telemetry.get("perconaTelemetry").text);
    expectEqual("decidedBy", "internal error", member(telemetry, "decidedBy"));
    host.expectOneWarning("internal error");

    for (const char* const value : {"true", "false"}) {
        const auto result = telemetry.set("perconaTelemetry", value, When::runtime);
        expect(result.code == psmdb::telemetry::Code::internal && !result.text.empty(),
               "a later set() is refused with Code::internal and says why", result.text);
    }
    waitUntilLibraryThreadsAreGone();
    expect(telemetry.stop(std::chrono::milliseconds(50)), "stop() is true", "false");
    expectEqual("state after stop()", "failed", state(telemetry));
    host.expectOneWarning("internal error");
}

void aPanicOnALibraryThread(Victim whose) {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    {
        const BrokenClock broken(whose);
        start(telemetry, dbpath, receiver.url());
        host->waitFor("internal error");
        BrokenClock::expectFailed();
    }
    expectSwitchedOff(telemetry, *host);
    expectEqual("requests", 0U, receiver.requests().size());
}

void onTheLibrarysThread() {
    aPanicOnALibraryThread(Victim::worker);
}

void onTheThreadOfAnAttempt() {
    aPanicOnALibraryThread(Victim::attempt);
}

void onTheCallersThread() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    {
        const BrokenClock broken(Victim::caller);
        start(telemetry, dbpath, receiver.url());
        BrokenClock::expectFailed();
    }
    expectSwitchedOff(telemetry, *host);
    expect(dbpath.names().empty(), "the dbpath is as it was", joined(dbpath.names()));
    expectEqual("connections", 0U, receiver.connections());
}

// Its HTTP client hangs until it is released.
class HangingHost : public HostWithClient {
public:
    psmdb::telemetry::HttpResponse post(const psmdb::telemetry::HttpRequest&) override {
        called.open();
        release.pass();
        return {};
    }

    Gate called;
    Gate release;
};

void whileAnAttemptHangs() {
    const TempDir dbpath;
    const auto host = std::make_shared<HangingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, "https://telemetry.example/");
    host->called.expectPassed("post() is called");
    {
        const BrokenClock broken(Victim::worker);
        switchAtRuntime(telemetry, false);  // wakes the worker, which looks at the clock
        host->waitFor("internal error");
        BrokenClock::expectFailed();
    }
    host->release.open();
    expectSwitchedOff(telemetry, *host);
}

void inStop() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    waitUntilLibraryThreadsAreGone();
    {
        const BrokenClock broken(Victim::caller);
        telemetry.stop(kStopBudget);
        BrokenClock::expectFailed();
    }
    expectStopped(telemetry);
}

void whileTheHandleIsMade() {
    const auto host = std::make_shared<RecordingHost>();
    const TempDir dbpath;
    isCaller = true;
    failures = 0;
    victim = Victim::caller;
    Telemetry telemetry(host);
    victim = Victim::nobody;
    BrokenClock::expectFailed();
    telemetry.start({dbpath.path(), kVersion});
    expectSwitchedOff(telemetry, *host);
    expect(dbpath.names().empty(), "the dbpath is as it was", joined(dbpath.names()));
}

void anotherInstanceIsNotDisturbed() {
    const TempDir brokenDbpath;
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto brokenHost = std::make_shared<RecordingHost>();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry brokenTelemetry(brokenHost);
    Telemetry telemetry(host);
    {
        const BrokenClock broken(Victim::caller);
        start(brokenTelemetry, brokenDbpath, receiver.url());
    }
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    expectEqual("state", "sent", state(telemetry));
    expectStopped(telemetry);
    expectSwitchedOff(brokenTelemetry, *brokenHost);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"a panic on the library's thread switches telemetry off, and nothing else",
         onTheLibrarysThread},
        {"a panic in an attempt switches telemetry off, and nothing else", onTheThreadOfAnAttempt},
        {"a panic in start() switches telemetry off, and nothing else", onTheCallersThread},
        {"a panic while an attempt hangs switches telemetry off, and nothing else",
         whileAnAttemptHangs},
        {"a panic in stop() does not end the process, and stop() can be called again", inStop},
        {"a panic while the handle is made leaves one that refuses everything",
         whileTheHandleIsMade},
        {"a panic in one instance does not disturb another", anotherInstanceIsNotDisturbed},
    });
}
