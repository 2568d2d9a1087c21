// The server's callbacks call the library from inside the library's threads: they read, they
// switch, they stop it, they destroy the handle. (A log() that reads, starts and stops:
// throwing_log.cc.)

#include <atomic>
#include <functional>
#include <memory>
#include <string>
#include <tuple>
#include <utility>

#include "psmdb_telemetry/telemetry.h"
#include "support.h"

namespace consumer {
namespace {

using psmdb::telemetry::Code;
using psmdb::telemetry::HttpRequest;
using psmdb::telemetry::HttpResponse;

constexpr const char* kUrl = "https://telemetry.example/";

// Does something in the first log() or in the first post() that comes from the library's thread,
// and answers 200.
class ActingHost : public HostWithClient {
public:
    enum class In { log, post };

    ActingHost(In in, std::function<void()> act) : _in(in), _act(std::move(act)) {
    }

    void log(const LogEvent& event) override {
        RecordingHost::log(event);
        if (_in == In::log) {
            actOnce();
        }
    }

    HttpResponse post(const HttpRequest&) override {
        if (_in == In::post) {
            actOnce();
        }
        HttpResponse response;
        response.status = 200;
        return response;
    }

    Gate acted;

private:
    void actOnce() {
        if (!_hasActed.exchange(true)) {
            _act();
            acted.open();
        }
    }

    const In _in;
    const std::function<void()> _act;
    std::atomic<bool> _hasActed{false};
};

// A handle that something is done to in one of its callbacks, once start() has returned: it must
// not be destroyed before that.
struct Scenario {
    Scenario(ActingHost::In in, std::function<void(Scenario&)> act)
        : host(std::make_shared<ActingHost>(in,
                                            [this, act = std::move(act)] {
                                                started.expectPassed("start() returns");
                                                act(*this);
                                            })),
          telemetry(std::make_unique<Telemetry>(host)) {
        start(*telemetry, dbpath, kUrl);
        started.open();
        host->acted.expectPassed("what the callback calls returns");
    }

    // ThreadSanitizer does not see the locks that keep the host until its last log() is over; this
    // one it does.
    ~Scenario() {
        telemetry.reset();
        if (host) {
            static_cast<void>(host->lines());
        }
    }

    const TempDir dbpath;
    Gate started;
    std::shared_ptr<ActingHost> host;
    std::unique_ptr<Telemetry> telemetry;
};

void postMayReadAndSet() {
    Scenario scenario(ActingHost::In::post, [](Scenario& self) {
        Telemetry& telemetry = *self.telemetry;
        expectEqual("state inside post()", "sending", state(telemetry));
        std::ignore = telemetry.get("perconaTelemetryUrl");
        telemetry.start({"/nowhere", kVersion});
        std::ignore = telemetry.set("perconaTelemetryGracePeriod", "1", When::startup);
        std::ignore = telemetry.set("perconaTelemetry", "true", When::runtime);
    });
    scenario.host->waitFor("Telemetry report delivered");
    waitForState(*scenario.telemetry, "sent");
    expectStopped(*scenario.telemetry);
    expectEqual("warnings", 0U, scenario.host->warnings().size());
}

void eachMaySwitchOff() {
    for (const auto in : {ActingHost::In::log, ActingHost::In::post}) {
        Scenario scenario(in, [](Scenario& self) { switchAtRuntime(*self.telemetry, false); });
        eventually("the opt-out is stored",
                   [&] { return stored(scenario.dbpath, "optOut") == "1"; });
        expectEqual("state", "off", state(*scenario.telemetry));
        // A report that the server's client has delivered is delivered.
        expectEqual("stored mark of a delivery", in == ActingHost::In::post ? "1" : "",
                    stored(scenario.dbpath, "PRODUCT_FAMILY_PSMDB"));
        expectStopped(*scenario.telemetry);
        waitUntilLibraryThreadsAreGone();
    }
}

void postMayStop() {
    Millis took{};
    Scenario scenario(ActingHost::In::post, [&](Scenario& self) {
        took = timed([&] { self.telemetry->stop(kPatience); });
    });
    waitUntilLibraryThreadsAreGone();
    expectEqual("state", "stopped", state(*scenario.telemetry));
    expect(took < kPatience / 4, "stop() inside post() does not wait for that post()",
           std::to_string(took.count()) + " ms");
    expectEqual("lines in the log", 1U, scenario.host->lines().size());
}

void eachMayDestroyTheHandle() {
    for (const auto in : {ActingHost::In::log, ActingHost::In::post}) {
        Scenario scenario(in, [](Scenario& self) { self.telemetry.reset(); });
        const std::weak_ptr<Host> watched = scenario.host;
        scenario.host.reset();
        eventually("the Host goes with the last thread", [&] { return watched.expired(); });
        waitUntilLibraryThreadsAreGone();
    }
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"post() may read and set parameters, and start again", postMayReadAndSet},
        {"log() and post() may switch telemetry off", eachMaySwitchOff},
        {"post() may stop the library", postMayStop},
        {"log() and post() may destroy the handle", eachMayDestroyTheHandle},
    });
}
