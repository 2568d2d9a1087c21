// Handles come and go, and what the process has stays as it was: descriptors, threads, memory.

#include <filesystem>
#include <iterator>

#include "support.h"

using namespace consumer;

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

struct Resources {
    static std::size_t openDescriptors() {
        const std::filesystem::directory_iterator all("/proc/self/fd");
        return static_cast<std::size_t>(std::distance(begin(all), end(all)));
    }

    std::size_t descriptors = openDescriptors();
    std::size_t threads = consumer::threads().size();
    long residentKib = std::stol(valueIn("/proc/self/status", "VmRSS"));

    std::string text() const {
        return std::to_string(descriptors) + " descriptors, " + std::to_string(threads) +
               " threads, " + std::to_string(residentKib) + " KiB resident";
    }
};

// Where the cycles report to.
class Endpoints {
public:
    Endpoints() {
        reported.startUntil(kDelivered, outboxUrl());
        reported.stop();
    }

    void cycle(int number) {
        if (number % 100 == 0) {
            clear();
        }
        switch (number % 8) {
            case 0:
                return startUntil(kDelivered, outboxUrl());
            case 1:
                return startUntil(kDelivered, receiver->url());
            case 2:
                return startUntil("will retry", refusing.url());
            case 3: {
                const auto host = std::make_shared<RecordingHost>();
                Telemetry telemetry(host);
                start(telemetry, reported.dbpath, outboxUrl());
                host->waitFor("report already delivered");
                return expectStopped(telemetry);
            }
            case 4: {
                const Server server;
                server.startSwitchedOff();
                std::ignore = server.telemetry().status();
                return server.stop();
            }
            case 5: {
                const Server server;
                server.start(refusing.url());
                server.telemetry().stop(kStopBudget);
                return;
            }
            case 6: {
                const Server server;
                server.start(outboxUrl());
                switchAtRuntime(server.telemetry(), false);
                switchAtRuntime(server.telemetry(), true);
                server.telemetry().stop(kStopBudget);
                return;
            }
            default:
                Server().start(receiver->url());  // stopped by its destructor
        }
    }

    int expectedEnds = 0;  // cycles that delivered, or were refused, before they were stopped

private:
    std::string outboxUrl() const {
        return "file://" + outbox.path();
    }

    void startUntil(const std::string& words, const std::string& url) {
        const Server server;
        server.startUntil(words, url);
        server.stop();
        ++expectedEnds;
    }

    // The receiver keeps what it receives: a new one now and then.
    void clear() {
        for (const std::string& name : outbox.names()) {
            ::unlink(outbox.path(name).c_str());
        }
        receiver.reset();
        receiver.reset(new Receiver(Receiver::answering()));
    }

    const BoundSocket refusing;
    const TempDir outbox;
    const Server reported;
    std::unique_ptr<Receiver> receiver;
};

}  // namespace

TEST("many handles leave no thread, no descriptor and no memory in use") {
    const int cycles = repetitions("TELEMETRY_CYCLES", 10000);
    Endpoints endpoints;
    int cycle = 0;
    for (; cycle < std::min(kWarmUp, cycles); ++cycle) {
        endpoints.cycle(cycle);
    }
    waitUntilLibraryThreadsAreGone();
    const Resources before;
    for (; cycle < kWarmUp + cycles; ++cycle) {
        endpoints.cycle(cycle);
    }
    waitUntilLibraryThreadsAreGone();
    // Not equal: one of the receiver's connections may have been on its way out at the start.
    eventually("no more threads than at the start",
               [&] { return threads().size() <= before.threads; });
    eventually("no more open descriptors than at the start",
               [&] { return Resources::openDescriptors() <= before.descriptors; });
    const Resources after;
    std::cout << "   " << cycles << " cycles after " << kWarmUp << " to warm up, "
              << endpoints.expectedEnds
              << " of them delivered or refused\n   before: " << before.text()
              << "\n   after:  " << after.text() << std::endl;
    expect(after.residentKib <= before.residentKib + kSlackKib,
           "resident memory within " + std::to_string(kSlackKib) + " KiB of what it was",
           after.text());
}

int main() {
    return prove();
}
