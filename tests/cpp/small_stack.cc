// Little stack: of the thread that calls the library, and as the limit of the process.

#include <pthread.h>

#include "support.h"

using namespace consumer;

namespace {

constexpr std::size_t kStack = 64 * 1024;

using Body = std::function<void()>;

// Runs a body on a thread with half of that. Below its stack is a page that must not be touched.
void onHalfOfTheStack(const Body& body) {
    pthread_attr_t attributes{};
    ::pthread_attr_init(&attributes);
    expectEqual("stack size", 0, ::pthread_attr_setstacksize(&attributes, kStack / 2));
    const auto run = [](void* argument) -> void* {
        (*static_cast<Body*>(argument))();
        return nullptr;
    };
    pthread_t thread{};
    Body copy = body;
    expectEqual("pthread_create()", 0, ::pthread_create(&thread, &attributes, run, &copy));
    ::pthread_join(thread, nullptr);
    ::pthread_attr_destroy(&attributes);
}

void firstStartUnderTheLimit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_STACK, &limit);
    expectEqual("RLIMIT_STACK", rlim_t{kStack}, limit.rlim_cur);
    Receiver receiver = Receiver::answering();
    const Server server;
    server.deliver(receiver.url());
    server.stop();
}

}  // namespace

TEST("all calls run on half of a stack of 64 KiB") {
    Receiver receiver = Receiver::silent();
    const TempDir dbpath;
    const auto host = std::make_shared<RecordingHost>();
    onHalfOfTheStack([&] {
        {
            Telemetry off(host);
            std::ignore = off.set("perconaTelemetry", "false", When::startup);
            off.start({dbpath.path(), kVersion});
        }
        Telemetry telemetry(host);
        std::ignore = Telemetry::parameters();
        std::ignore = telemetry.set("perconaTelemetryUrl", "ftp://nowhere", When::startup);
        std::ignore = telemetry.set("perconaTelemetryUrl", receiver.url(), When::startup);
        telemetry.start({dbpath.path(), kVersion});
        std::ignore = telemetry.get("perconaTelemetryUrl");
        receiver.waitForRequests(1);
        std::ignore = telemetry.set("perconaTelemetry", "false", When::runtime);
        std::ignore = telemetry.status();  // with a preview of the report
        std::ignore = telemetry.summary();
        std::ignore = telemetry.set("perconaTelemetry", "true", When::runtime);
        telemetry.stop(kTimeout);
    });
    // Off of one handle; on and off of the other. The opt-in's line comes if it is stored before
    // the stop.
    const std::vector<std::string> lines = host->lines();
    expect(lines.size() == 3 || lines.size() == 4, "three or four lines in the log", joined(lines));
}

// The limit counts from the next program on.
TEST("a process with a stack limit of 64 KiB reports as ever") {
    inChild("with ulimit -s 64", [] {
        setLimit(RLIMIT_STACK, kStack);
        execThisProgram({"with the limit"});
    });
}

int main(int argc, char**) {
    return argc == 1 ? prove()
                     : prove({{"a first start with ulimit -s 64", firstStartUnderTheLimit}});
}
