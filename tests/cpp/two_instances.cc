// Two instances in one process, each with a dbpath of its own.

#include <memory>
#include <string>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

void eachHasItsIdentity() {
    const TempDir firstDbpath;
    const TempDir secondDbpath;
    Receiver receiver = Receiver::answering();
    const auto firstHost = std::make_shared<RecordingHost>();
    const auto secondHost = std::make_shared<RecordingHost>();
    Telemetry first(firstHost);
    Telemetry second(secondHost);
    start(first, firstDbpath, receiver.url());
    start(second, secondDbpath, receiver.url());
    firstHost->waitFor("Telemetry report delivered");
    secondHost->waitFor("Telemetry report delivered");
    expectEqual("requests", 2U, receiver.requests().size());
    expectEqual("instanceId of the first", stored(firstDbpath, "instanceId"),
                member(first, "instanceId"));
    expectEqual("instanceId of the second", stored(secondDbpath, "instanceId"),
                member(second, "instanceId"));
    expect(member(first, "instanceId") != member(second, "instanceId"), "two instanceIds",
           member(first, "instanceId") + " twice");
    expect(member(first, "id") != member(second, "id"), "two report ids",
           member(first, "id") + " twice");
    expectStopped(first);
    expectStopped(second);
}

void stoppingOneLeavesTheOtherAlone() {
    const TempDir firstDbpath;
    const TempDir secondDbpath;
    Receiver firstReceiver = Receiver::silent();
    Receiver secondReceiver = Receiver::silent();
    const auto firstHost = std::make_shared<RecordingHost>();
    const auto secondHost = std::make_shared<RecordingHost>();
    auto first = std::make_unique<Telemetry>(firstHost);
    Telemetry second(secondHost);
    start(*first, firstDbpath, firstReceiver.url());
    start(second, secondDbpath, secondReceiver.url());
    firstReceiver.waitForRequests(1);
    secondReceiver.waitForRequests(1);

    const std::string before = second.status();
    expectStopped(*first);
    firstReceiver.waitForEnds(1);
    first.reset();
    expectEqual("status of the other", before, second.status());
    switchAtRuntime(second, false);
    secondReceiver.waitForEnds(1);
    eventually("the other's opt-out is stored",
               [&] { return stored(secondDbpath, "optOut") == "1"; });
    expectEqual("optOut of the first", "", stored(firstDbpath, "optOut"));
    expectStopped(second);
}

void settingsAreNotShared() {
    const TempDir firstDbpath;
    const TempDir secondDbpath;
    Receiver receiver = Receiver::answering();
    const auto firstHost = std::make_shared<RecordingHost>();
    const auto secondHost = std::make_shared<RecordingHost>();
    Telemetry first(firstHost);
    Telemetry second(secondHost);
    set(first, "perconaTelemetry", "false");
    set(first, "perconaTelemetryGracePeriod", "7");
    expectEqual("perconaTelemetry of the other", "true", second.get("perconaTelemetry").text);
    expectEqual("grace period of the other", "0", second.get("perconaTelemetryGracePeriod").text);
    start(first, firstDbpath, receiver.url());
    start(second, secondDbpath, receiver.url());
    secondHost->waitFor("Telemetry report delivered");
    expectEqual("state of the first", "off", state(first));
    expectEqual("lines of the first", 1U, firstHost->lines().size());
    expect(firstDbpath.names().empty(), "the first's dbpath is as it was",
           joined(firstDbpath.names()));
    expectStopped(first);
    expectStopped(second);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"two instances have two identities", eachHasItsIdentity},
        {"stopping one instance leaves the other alone", stoppingOneLeavesTheOtherAlone},
        {"two instances share no setting and no log", settingsAreNotShared},
    });
}
