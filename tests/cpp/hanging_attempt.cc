// An endpoint that accepts, reads the request and never answers.

#include <memory>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

constexpr std::size_t kRounds = 20;

void stopEndsTheThread() {
    Receiver receiver = Receiver::silent();
    Distribution took;
    for (std::size_t round = 1; round <= kRounds; ++round) {
        const TempDir dbpath;
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        start(telemetry, dbpath, receiver.url());
        receiver.waitForRequests(round);
        expectEqual("state", "sending", state(telemetry));

        bool hasEnded = false;
        const Millis passed = timed([&] { hasEnded = telemetry.stop(kStopBudget); });
        expect(hasEnded || passed >= kStopBudget, "stop() sees the library's thread gone",
               "it was left behind before the deadline");
        took.add(passed);
        expectEqual("state after stop()", "stopped", state(telemetry));
        expectEqual("sentAt", "null", member(telemetry, "sentAt"));
        expectEqual("warnings", 0U, host->warnings().size());
        expectEqual("stored mark", "", stored(dbpath, "PRODUCT_FAMILY_PSMDB"));
    }
    receiver.waitForEnds(kRounds);
    waitUntilLibraryThreadsAreGone();
    expectWithinBudget("stop() returns", took);
}

void theSwitchEndsTheConnection() {
    Receiver receiver = Receiver::silent();
    Distribution returned;
    Distribution closed;
    for (std::size_t round = 1; round <= kRounds; ++round) {
        const TempDir dbpath;
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        start(telemetry, dbpath, receiver.url());
        receiver.waitForRequests(round);
        const auto begin = Clock::now();
        returned.add(timed([&] { switchAtRuntime(telemetry, false); }));
        closed.add(receiver.waitForEnds(round) - begin);
        expectEqual("state", "off", state(telemetry));
        // Switched on again, it waits as for a retry.
        switchAtRuntime(telemetry, true);
        waitForState(telemetry, "waiting");
        expectEqual("warnings", 0U, host->warnings().size());
        expectStopped(telemetry);
        expectEqual("requests", round, receiver.requests().size());
    }
    expectWithinBudget("set() returns", returned);
    expectWithinBudget("the connection is closed", closed);
}

void theDestructorEndsTheConnection() {
    Receiver receiver = Receiver::silent();
    Distribution took;
    for (std::size_t round = 1; round <= kRounds; ++round) {
        const TempDir dbpath;
        auto telemetry = std::make_unique<Telemetry>(std::make_shared<RecordingHost>());
        start(*telemetry, dbpath, receiver.url());
        receiver.waitForRequests(round);
        took.add(timed([&] { telemetry.reset(); }));
        receiver.waitForEnds(round);
        waitUntilLibraryThreadsAreGone();
    }
    expectWithinBudget("the destructor returns", took);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"stop() ends a hanging attempt within its deadline, thread and all", stopEndsTheThread},
        {"switched off at run time, a hanging attempt's connection is closed at once",
         theSwitchEndsTheConnection},
        {"the destructor ends a hanging attempt by itself", theDestructorEndsTheConnection},
    });
}
