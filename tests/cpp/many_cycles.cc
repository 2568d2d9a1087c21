// Handles come and go, and what the process has stays as it was: descriptors, threads, memory.

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <iostream>
#include <memory>
#include <sstream>
#include <string>
#include <tuple>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

// Until the heap, the library's and the C++ runtime's own caches have their size.
constexpr int kWarmUp = 500;
// What the allocator's arenas and the process's first use of this and that may differ by. One
// forgotten byte in each of 10,000 cycles would be 10 KiB, one forgotten handle 10 MiB.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr long kSlackKib = 512 * 1024;  // a sanitizer keeps what is freed for a while
#else
constexpr long kSlackKib = 256;
#endif

// A figure of /proc/self/status, in KiB.
long statusFigure(const std::string& name) {
    std::istringstream status(contentOf("/proc/self/status"));
    for (std::string line; std::getline(status, line);) {
        if (line.rfind(name + ":", 0) == 0) {
            return std::stol(line.substr(name.size() + 1));
        }
    }
    throw Failure("/proc/self/status has no line " + name);
}

struct Possessions {
    std::size_t descriptors = openDescriptors();
    std::size_t threads = consumer::threads().size();
    long residentKib = statusFigure("VmRSS");

    std::string text() const {
        return std::to_string(descriptors) + " descriptors, " + std::to_string(threads) +
               " threads, " + std::to_string(residentKib) + " KiB resident";
    }
};

// An address at which nobody listens: bound and not listened to, so that nobody else gets it.
class RefusingPort {
public:
    RefusingPort() : _socket(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        socklen_t size = sizeof(address);
        auto* const generic = reinterpret_cast<sockaddr*>(&address);
        expectEqual("bind()", 0, ::bind(_socket.get(), generic, size));
        expectEqual("getsockname()", 0, ::getsockname(_socket.get(), generic, &size));
        _url = "http://127.0.0.1:" + std::to_string(ntohs(address.sin_port)) + "/";
    }

    const std::string& url() const {
        return _url;
    }

private:
    UniqueFd _socket;
    std::string _url;
};

struct World {
    // Keeps what it receives: a new one now and then.
    std::unique_ptr<Receiver> receiver;
    RefusingPort refusing;
    TempDir outbox;
    TempDir reported;
    std::size_t delivered = 0;
    std::size_t refused = 0;

    std::string outboxUrl() const {
        return "file://" + outbox.path();
    }

    void clear() {
        for (const std::string& name : outbox.names()) {
            ::unlink(outbox.path(name).c_str());
        }
        receiver.reset();
        receiver.reset(new Receiver(Receiver::answering()));
    }
};

// A life of a handle that ends when `words` are in the log.
void liveUntil(const std::string& words, const std::string& dbpath, const std::string& url) {
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    set(telemetry, "perconaTelemetryUrl", url);
    telemetry.start({dbpath, kVersion});
    host->waitFor(words);
    expectStopped(telemetry);
}

void live(int cycle, World& world) {
    if (cycle % 100 == 0) {
        world.clear();
    }
    const auto fresh = [] { return TempDir(); };
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    switch (cycle % 8) {
        case 0:
            liveUntil("Telemetry report delivered", fresh().path(), world.outboxUrl());
            ++world.delivered;
            break;
        case 1:
            liveUntil("Telemetry report delivered", fresh().path(), world.receiver->url());
            ++world.delivered;
            break;
        case 2:
            liveUntil("will retry", fresh().path(), world.refusing.url());
            ++world.refused;
            break;
        case 3:
            liveUntil("report already delivered", world.reported.path(), world.outboxUrl());
            break;
        case 4:
            set(telemetry, "perconaTelemetry", "false");
            telemetry.start({world.reported.path(), kVersion});
            std::ignore = telemetry.status();
            expectStopped(telemetry);
            break;
        case 5: {
            const TempDir dbpath;
            start(telemetry, dbpath, world.refusing.url());
            telemetry.stop(kStopBudget);
            break;
        }
        case 6: {
            const TempDir dbpath;
            start(telemetry, dbpath, world.outboxUrl());
            switchAtRuntime(telemetry, false);
            switchAtRuntime(telemetry, true);
            telemetry.stop(kStopBudget);
            break;
        }
        default: {
            const TempDir dbpath;
            start(telemetry, dbpath, world.receiver->url());  // stopped by its destructor
        }
    }
}

void theyLeaveNothingBehind() {
    const int cycles = repetitions("TELEMETRY_CYCLES", 10000);
    World world;
    liveUntil("Telemetry report delivered", world.reported.path(), world.outboxUrl());
    int cycle = 0;
    for (; cycle < std::min(kWarmUp, cycles); ++cycle) {
        live(cycle, world);
    }
    waitUntilLibraryThreadsAreGone();
    const Possessions before;
    for (; cycle < kWarmUp + cycles; ++cycle) {
        live(cycle, world);
    }
    waitUntilLibraryThreadsAreGone();
    // Not equal: one of the receiver's connections may have been on its way out at the start.
    eventually("no more threads than at the start",
               [&] { return threads().size() <= before.threads; });
    eventually("no more open descriptors than at the start",
               [&] { return openDescriptors() <= before.descriptors; });
    const Possessions after;
    std::cout << "   " << cycles << " cycles after " << kWarmUp << " to warm up, "
              << world.delivered << " delivered, " << world.refused
              << " refused\n   before: " << before.text() << "\n   after:  " << after.text()
              << std::endl;
    expect(after.residentKib <= before.residentKib + kSlackKib,
           "resident memory within " + std::to_string(kSlackKib) + " KiB of what it was",
           after.text());
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"many handles leave no thread, no descriptor and no memory behind",
         theyLeaveNothingBehind},
    });
}
