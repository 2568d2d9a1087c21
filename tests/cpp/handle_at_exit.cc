// A handle that exists as long as the process: destroyed after main(), while an attempt hangs, and
// never destroyed at all.

#include "support.h"

using namespace consumer;

namespace {

Telemetry& destroyedAtExit() {
    static Telemetry telemetry(std::make_shared<RecordingHost>());
    return telemetry;
}

// A server as its own program: its dbpath and its endpoint outlive it.
int serve(const std::string& how, const std::string& dbpath, const std::string& url) {
    ::alarm(kSecondsUntilChildIsKilled);
    static Telemetry* const leaked = new Telemetry(nullptr);
    Telemetry& telemetry = how == "leaked" ? *leaked : destroyedAtExit();
    set(telemetry, "perconaTelemetryUrl", url);
    telemetry.start({dbpath, kVersion});
    waitForState(telemetry, "sending");
    if (how == "stopped") {
        telemetry.stop(kStopBudget);
    }
    return 0;  // from here on static objects are destroyed, the threads still there
}

}  // namespace

TEST("a process ends well with a static handle, stopped or not, and with one never destroyed") {
    for (const std::string how : {"stopped", "running", "leaked"}) {
        const TempDir dbpath;
        Receiver receiver = Receiver::silent();
        inChild("a handle that is " + how, [&] {
            execThisProgram({how, dbpath.path(), receiver.url()});
        });
        expectEqual("stored mark", "", stored(dbpath, "PRODUCT_FAMILY_PSMDB"));
    }
}

int main(int argc, char** argv) {
    return argc == 4 ? serve(argv[1], argv[2], argv[3]) : prove();
}
