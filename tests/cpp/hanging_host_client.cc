// The server's own HTTP client hangs: the library leaves it behind, and leaves it its Host.

#include <atomic>
#include <memory>
#include <utility>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "support.h"

namespace consumer {
namespace {

constexpr int kRounds = 10;
constexpr const char* kUrl = "https://telemetry.example/";

// What outlives the Host, to see it from outside.
struct Witness {
    Gate called;
    Gate release;
    std::atomic<bool> isStopped{false};
    std::atomic<bool> isHostGone{false};
    std::atomic<bool> wasHostThereAtTheEnd{false};
    std::atomic<int> lateLines{0};
};

class HangingHost : public HostWithClient {
public:
    explicit HangingHost(std::shared_ptr<Witness> witness) : _witness(std::move(witness)) {
    }

    ~HangingHost() override {
        _witness->isHostGone = true;
    }

    void log(const LogEvent& event) override {
        _witness->lateLines += _witness->isStopped ? 1 : 0;
        RecordingHost::log(event);
    }

    psmdb::telemetry::HttpResponse post(const psmdb::telemetry::HttpRequest&) override {
        const std::shared_ptr<Witness> witness = _witness;
        witness->called.open();
        witness->release.pass();
        witness->wasHostThereAtTheEnd = !witness->isHostGone;
        psmdb::telemetry::HttpResponse response;
        response.status = 200;
        return response;
    }

private:
    const std::shared_ptr<Witness> _witness;
};

// An instance whose attempt hangs in post().
struct Hanging {
    Hanging() {
        start(*telemetry, dbpath, kUrl);
        witness->called.expectPassed("post() is called");
        expectEqual("state", "sending", state(*telemetry));
    }
    ~Hanging() {
        witness->release.open();
        telemetry.reset();
    }
    Hanging(const Hanging&) = delete;
    Hanging& operator=(const Hanging&) = delete;

    // The library's own thread ends, and leaves behind the one that runs post().
    static void waitUntilAlone() {
        eventually("the library's own thread has ended", [] {
            const std::vector<Thread> left = libraryThreads();
            return left.size() == 1 && left.front().name == "PsmdbTelemetryS";
        });
    }

    // To be called when Telemetry is gone.
    void expectHostOutlivesPost() {
        waitUntilAlone();
        const std::weak_ptr<Host> watched = host;
        host.reset();
        expect(!watched.expired() && !witness->isHostGone, "the Host lives as long as its post()",
               "it is gone");
        witness->release.open();
        eventually("the Host is destroyed once post() returns",
                   [&] { return witness->isHostGone.load(); });
        waitUntilLibraryThreadsAreGone();
        expect(watched.expired() && witness->wasHostThereAtTheEnd, "the Host goes after post()",
               "it went before");
        expectEqual("lines logged after stop()", 0, witness->lateLines.load());
        expectEqual("stored mark of a delivery after stop()", "",
                    stored(dbpath, "PRODUCT_FAMILY_PSMDB"));
    }

    const TempDir dbpath;
    const std::shared_ptr<Witness> witness = std::make_shared<Witness>();
    std::shared_ptr<HangingHost> host = std::make_shared<HangingHost>(witness);
    std::unique_ptr<Telemetry> telemetry = std::make_unique<Telemetry>(host);
};

void stopLeavesItBehind() {
    Distribution took;
    for (int round = 0; round < kRounds; ++round) {
        Hanging hanging;
        bool hasEnded = false;
        const Millis passed = timed([&] { hasEnded = hanging.telemetry->stop(kStopBudget); });
        hanging.witness->isStopped = true;
        expect(hasEnded || passed >= kStopBudget, "stop() sees the library's own thread gone",
               "it was left behind before the deadline");
        took.add(passed);
        expectEqual("state after stop()", "stopped", state(*hanging.telemetry));
        hanging.telemetry.reset();
        hanging.expectHostOutlivesPost();
    }
    expectWithinBudget("stop() returns", took);
}

void theDestructorLeavesItBehind() {
    Distribution took;
    for (int round = 0; round < kRounds; ++round) {
        Hanging hanging;
        took.add(timed([&] { hanging.telemetry.reset(); }));
        hanging.witness->isStopped = true;
        hanging.expectHostOutlivesPost();
    }
    expectWithinBudget("the destructor returns", took);
}

void theSwitchLeavesItBehind() {
    Distribution took;
    for (int round = 0; round < kRounds; ++round) {
        Hanging hanging;
        Telemetry& telemetry = *hanging.telemetry;
        took.add(timed([&] { switchAtRuntime(telemetry, false); }));
        expectEqual("state", "off", state(telemetry));
        eventually("the opt-out is stored",
                   [&] { return stored(hanging.dbpath, "optOut") == "1"; });
        Hanging::waitUntilAlone();
        hanging.witness->release.open();
        waitUntilLibraryThreadsAreGone();
        expectEqual("state after the late answer", "off", state(telemetry));
        expectEqual("sentAt after the late answer", "null", member(telemetry, "sentAt"));
        expectStopped(telemetry);
    }
    expectWithinBudget("set() returns", took);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"stop() leaves a hanging post() behind, and the Host lives until it returns",
         stopLeavesItBehind},
        {"the destructor leaves a hanging post() behind, and the Host lives until it returns",
         theDestructorLeavesItBehind},
        {"switched off at run time, the answer of a hanging post() is dropped",
         theSwitchLeavesItBehind},
    });
}
