// Handles come and go, and what the process has stays as it was: descriptors, threads, memory.

#include <iterator>

#include "support.h"

using namespace consumer;

namespace {

constexpr int kRound = 96;
// Until the heap, the library's and the C++ runtime's own caches have their size.
constexpr int kWarmUp = 480;
// What the allocator's arenas and the process's first use of this and that may differ by. One
// forgotten byte in each of 10,000 cycles would be 10 KiB, one forgotten handle 10 MiB.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
constexpr long kSlackKib = 512 * 1024;  // a sanitizer keeps what is freed for a while
#else
constexpr long kSlackKib = 256;
#endif

std::size_t openDescriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

long residentKib() {
    return std::stol(valueIn("/proc/self/status", "VmRSS"));
}

void startAndStop(const Server& server, const std::string& words, const std::string& url) {
    server.startUntil(words, url);
    server.stop();
}

// Each kind of a handle's life in turn. What they have delivered is gone afterwards.
void cycle(int count, const Server& reported) {
    const BoundSocket refusing;
    for (int done = 0; done < count; done += kRound) {
        Receiver receiver = Receiver::answering();
        const TempDir outbox;
        const std::string folder = "file://" + outbox.path();
        for (int i = 0; i < kRound; i += 8) {
            startAndStop(Server(), kDelivered, folder);
            startAndStop(Server(), kDelivered, receiver.url());
            startAndStop(Server(), "will retry", refusing.url());
            {
                const auto host = std::make_shared<RecordingHost>();
                Telemetry again(host);
                start(again, reported.dbpath, folder);
                host->waitFor("report already delivered");
                expectStopped(again);
            }
            {
                const Server off;
                off.startSwitchedOff();
                std::ignore = off.telemetry().status();
                off.stop();
            }
            {
                const Server cut;
                cut.start(refusing.url());
                cut.telemetry().stop(kStopBudget);
            }
            {
                const Server switched;
                switched.start(folder);
                switchAtRuntime(switched.telemetry(), false);
                switchAtRuntime(switched.telemetry(), true);
                switched.telemetry().stop(kStopBudget);
            }
            Server().start(receiver.url());  // stopped by its destructor
        }
    }
    waitUntilLibraryThreadsAreGone();
}

}  // namespace

TEST("many handles leave no thread, no descriptor and no memory in use") {
    const int cycles = repetitions("TELEMETRY_CYCLES", 10000);
    const Server reported;
    {
        const TempDir outbox;
        startAndStop(reported, kDelivered, "file://" + outbox.path());
    }
    cycle(kWarmUp, reported);
    const std::size_t descriptors = openDescriptors();
    const std::size_t threadsBefore = threads().size();
    const long before = residentKib();
    cycle(cycles, reported);
    eventually("no more threads than at the start",
               [&] { return threads().size() <= threadsBefore; });
    eventually("no more open descriptors than at the start",
               [&] { return openDescriptors() <= descriptors; });
    const long after = residentKib();
    std::cout << "   " << cycles << " cycles: " << before << " KiB resident before, " << after
              << " after" << std::endl;
    expect(after <= before + kSlackKib,
           "resident memory within " + std::to_string(kSlackKib) + " KiB of what it was",
           std::to_string(after));
}

int main() {
    return prove();
}
