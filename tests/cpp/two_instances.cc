// Two instances in one process, each with a dbpath of its own. (Both deliver:
// link/programs/embed.cc.)

#include "support.h"

using namespace consumer;

TEST("stopping one instance leaves the other alone") {
    Receiver firstReceiver = Receiver::silent();
    Receiver secondReceiver = Receiver::silent();
    Server first;
    const Server second;
    first.start(firstReceiver.url());
    second.start(secondReceiver.url());
    firstReceiver.waitForRequests(1);
    secondReceiver.waitForRequests(1);

    const std::string before = second.telemetry().status();
    first.stop();
    firstReceiver.waitForEnds(1);
    first.handle.reset();
    expectEqual("status of the other", before, second.telemetry().status());
    switchAtRuntime(second.telemetry(), false);
    secondReceiver.waitForEnds(1);
    second.waitUntilOptOutIsStored();
    first.expectStored("optOut", "");
    second.stop();
}

TEST("two instances share no setting and no log") {
    Receiver receiver = Receiver::answering();
    const Server first;
    const Server second;
    set(first.telemetry(), "perconaTelemetryGracePeriod", "7");
    first.startSwitchedOff();
    expectEqual("grace period of the other", "0",
                second.telemetry().get("perconaTelemetryGracePeriod").text);
    second.deliver(receiver.url());
    first.expectStatus({{"state", "off"}});
    expectEqual("lines of the first", 1U, first.host->lines().size());
    first.dbpath.expectEmpty();
}

int main() {
    return prove();
}
