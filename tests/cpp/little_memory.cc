// Little memory. A thread that cannot be made is a state. A heap that is empty to the last bytes is
// not: Rust aborts the process then, as mongod itself does when operator new fails. What the
// library can do is to ask for little; this shows how little.

#include <sys/prctl.h>
#include <sys/resource.h>

#include <fstream>

#include "allocations.h"
#include "support.h"

using namespace consumer;

namespace {

std::atomic<bool> isCounting{false};
std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> largest{0};

}  // namespace

void onAllocation(std::size_t size) noexcept {
    std::array<char, 16> name{};
    if (!isCounting || ::prctl(PR_GET_NAME, name.data()) != 0 ||
        std::string_view(name.data()).rfind("PsmdbTelemetry", 0) != 0) {
        return;
    }
    ++allocations;
    for (std::size_t seen = largest; size > seen && !largest.compare_exchange_weak(seen, size);) {
    }
}

namespace {

constexpr std::size_t kKib = 1024;
constexpr std::size_t kMib = 1024 * kKib;
// The address space of a process with a sanitizer's shadow memory.
constexpr std::size_t kSanitized = std::size_t{1} << 40U;

// Counts what the library's threads ask for until the log says `words`.
void expectLittle(const std::string& what, const std::string& words, const TempDir& dbpath,
                  const std::string& url, std::size_t allowed) {
    allocations = 0;
    largest = 0;
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    isCounting = true;
    start(telemetry, dbpath, url);
    host->waitFor(words);
    expectStopped(telemetry);
    waitUntilLibraryThreadsAreGone();
    isCounting = false;
    if (allocations == 0) {
        throw Skipped("this program's malloc is not the one in use, as under a memory checker");
    }
    std::cout << "   " << what << ": " << allocations << " allocations, the largest of " << largest
              << " bytes" << std::endl;
    expect(largest <= allowed, "no allocation of more than " + std::to_string(allowed) + " bytes",
           std::to_string(largest) + " bytes");
}

// A first start in a process that may grow by so much and no more.
void startWith(std::size_t spare, const std::string& state, const std::string& lastError) {
    inChild(std::to_string(spare / kKib) + " KiB to spare", [&] {
        const TempDir outbox;
        const Server server;
        set(server.telemetry(), "perconaTelemetryUrl", "file://" + outbox.path());
        const std::size_t pages = std::stoul(contentOf("/proc/self/statm"));
        const std::size_t used = pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        if (used > kSanitized) {
            throw Skipped("this process has its address space full of shadow memory");
        }
        setLimit(RLIMIT_AS, used + spare);
        server.telemetry().start({server.dbpath.path(), kVersion});
        waitForState(server.telemetry(), state);
        expectContains("lastError", lastError, member(server.telemetry(), "lastError"));
        setLimit(RLIMIT_AS, RLIM_INFINITY);
        server.stop();
    });
}

}  // namespace

// The first test: later there are stacks of threads that have ended, for others to take. Between
// the last two lies a gap of some 200 KiB in which the heap runs out in the middle of something,
// and the process aborts: with "memory allocation of 40 bytes failed", or so.
TEST("a thread whose stack does not fit is a state") {
    startWith(0, "failed", "cannot create thread");
    startWith(256 * kKib, "failed", "cannot create thread");
    startWith(8 * kMib, "sent", "null");
}

TEST("the library asks for little memory, whatever it finds") {
    const TempDir fresh;
    Receiver receiver = Receiver::answering();
    expectLittle("a first start", kDelivered, fresh, receiver.url(), 8 * kKib);
    expectLittle("a second start", "report already delivered", fresh, receiver.url(), 8 * kKib);

    // A file in place of the identity is read up to its first MiB, into a buffer that doubles.
    const TempDir huge;
    std::ofstream(huge.path(kFileName)) << "instanceId:" << std::string(64 * kMib, 'x') << '\n';
    expectLittle("64 MiB in place of an identity", "Telemetry enabled", huge, receiver.url(),
                 2 * kMib);
}

int main() {
    return prove();
}
