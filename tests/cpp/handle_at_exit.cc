// A handle that lives as long as the process: destroyed after main(), while an attempt hangs, and
// never destroyed at all.

#include <unistd.h>

#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>

#include "child.h"
#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

// A server as its own program: its dbpath and its endpoint outlive it.
constexpr const char* kStopped = "stopped";
constexpr const char* kRunning = "running";
constexpr const char* kLeaked = "leaked";

Telemetry& handle() {
    static Telemetry telemetry(std::make_shared<RecordingHost>());
    return telemetry;
}

int serve(const std::string& ends, const std::string& dbpath, const std::string& url) {
    ::alarm(kSecondsUntilChildIsKilled);
    static Telemetry* const leaked = new Telemetry(nullptr);
    Telemetry& telemetry = ends == kLeaked ? *leaked : handle();
    set(telemetry, "perconaTelemetryUrl", url);
    telemetry.start({dbpath, kVersion});
    const auto deadline = Clock::now() + kPatience;
    while (telemetry.status().find("\"state\":\"sending\"") == std::string::npos) {
        if (Clock::now() > deadline) {
            return 3;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    if (ends == kStopped) {
        telemetry.stop(kStopBudget);
    }
    return 0;  // from here on static objects are destroyed, the threads still there
}

void theProcessEndsWell() {
    for (const char* const ends : {kStopped, kRunning, kLeaked}) {
        const TempDir dbpath;
        Receiver receiver = Receiver::silent();
        const std::string url = receiver.url();
        inChild(std::string("a handle that is ") + ends, [&] {
            ::execl("/proc/self/exe", "handle_at_exit", ends, dbpath.path().c_str(), url.c_str(),
                    nullptr);
            throw Failure("execl(): " + std::to_string(errno));
        });
        expectEqual("stored mark", "", stored(dbpath, "PRODUCT_FAMILY_PSMDB"));
    }
}

}  // namespace
}  // namespace consumer

int main(int argc, char** argv) {
    using namespace consumer;
    if (argc == 4) {
        return serve(argv[1], argv[2], argv[3]);
    }
    return prove({
        {"a process ends well with a static handle, stopped or not, and with one never destroyed",
         theProcessEndsWell},
    });
}
