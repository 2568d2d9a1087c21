// Little memory. A thread that cannot be had is a state. A heap that is empty to the last bytes is
// not: Rust aborts the process then, as mongod itself does when operator new fails. What the
// library can do is to ask for little; this shows how little.

#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <fstream>
#include <iostream>
#include <memory>
#include <string>
#include <string_view>

#include "child.h"
#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

// A sanitizer has an allocator of its own, which this program's would break.
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
#define COUNTS_ALLOCATIONS
#endif

namespace {

std::atomic<bool> isCounting{false};
std::atomic<std::size_t> allocations{0};
std::atomic<std::size_t> largest{0};

[[maybe_unused]] void count(std::size_t size) {
    if (!isCounting) {
        return;
    }
    std::array<char, 16> name{};
    ::prctl(PR_GET_NAME, name.data());
    if (std::string_view(name.data()).rfind("PsmdbTelemetry", 0) != 0) {
        return;
    }
    ++allocations;
    for (std::size_t seen = largest; size > seen && !largest.compare_exchange_weak(seen, size);) {
    }
}

}  // namespace

#ifdef COUNTS_ALLOCATIONS
// They take the place of libc's, and call them.
extern "C" {
void* __libc_malloc(std::size_t size);
void* __libc_calloc(std::size_t number, std::size_t size);
void* __libc_realloc(void* block, std::size_t size);

void* malloc(std::size_t size) noexcept {
    count(size);
    return __libc_malloc(size);
}

void* calloc(std::size_t number, std::size_t size) noexcept {
    count(number * size);
    return __libc_calloc(number, size);
}

void* realloc(void* block, std::size_t size) noexcept {
    count(size);
    return __libc_realloc(block, size);
}
}
#endif

namespace consumer {
namespace {

constexpr std::size_t kUsually = std::size_t{16} * 1024;
// A file in place of the identity is read up to its first MiB, into a buffer that doubles.
constexpr std::size_t kForAHugeFile = std::size_t{2} * 1024 * 1024;
constexpr std::size_t kHuge = std::size_t{64} * 1024 * 1024;

// Counts what the library's threads ask for until the log says `words`.
void countUntil(const std::string& what, const std::string& words, const TempDir& dbpath,
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

void itAsksForLittle() {
    const TempDir fresh;
    Receiver receiver = Receiver::answering();
    countUntil("a first start", "Telemetry report delivered", fresh, receiver.url(), kUsually);
    countUntil("a second start", "report already delivered", fresh, receiver.url(), kUsually);

    const TempDir huge;
    std::ofstream(huge.path(kFileName)) << "instanceId:" << std::string(kHuge, 'x') << '\n';
    countUntil("64 MiB in place of an identity", "Telemetry enabled", huge, receiver.url(),
               kForAHugeFile);
}

std::size_t addressSpace() {
    std::ifstream statm("/proc/self/statm");
    std::size_t pages = 0;
    statm >> pages;
    return pages * static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
}

// A first start in a process that may grow by so much and no more.
void startWith(std::size_t bytesToSpare, const std::string& state, const std::string& lastError) {
    inChild(std::to_string(bytesToSpare / 1024) + " KiB to spare", [&] {
        constexpr std::size_t sanitized = std::size_t{1} << 40U;
        const TempDir dbpath;
        const TempDir outbox;
        Telemetry telemetry(std::make_shared<RecordingHost>());
        set(telemetry, "perconaTelemetryUrl", "file://" + outbox.path());
        const std::size_t used = addressSpace();
        if (used > sanitized) {
            throw Skipped("this process has its address space full of shadow memory");
        }
        const rlimit limit = {used + bytesToSpare, RLIM_INFINITY};
        expectEqual("setrlimit()", 0, ::setrlimit(RLIMIT_AS, &limit));
        telemetry.start({dbpath.path(), kVersion});
        waitForState(telemetry, state);
        expectContains("lastError", lastError, member(telemetry, "lastError"));
        const rlimit none = {RLIM_INFINITY, RLIM_INFINITY};
        ::setrlimit(RLIMIT_AS, &none);
        expectStopped(telemetry);
    });
}

// Between the two lies a gap of some 200 KiB in which the heap runs out in the middle of something,
// and the process aborts: with "memory allocation of 40 bytes failed", or so.
void aThreadThatDoesNotFitIsAState() {
    startWith(0, "failed", "cannot create thread");
    startWith(std::size_t{256} * 1024, "failed", "cannot create thread");
    startWith(std::size_t{8} * 1024 * 1024, "sent", "null");
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        // The first: later there are stacks of threads that have ended, for others to take.
        {"a thread whose stack does not fit is a state", aThreadThatDoesNotFitIsAState},
        {"the library asks for little memory, whatever it finds", itAsksForLittle},
    });
}
