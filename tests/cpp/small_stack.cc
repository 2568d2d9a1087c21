// Little stack: of the thread that calls the library, and as the limit of the process.

#include <pthread.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "child.h"
#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

constexpr std::size_t kStack = 64 * 1024;
constexpr int kPaint = 0xA5;

// Runs a body on a thread with a stack of 64 KiB, and tells how much of it was used. Below the
// stack is a page that must not be touched.
class SmallStack {
public:
    SmallStack() {
        const auto page = static_cast<std::size_t>(::sysconf(_SC_PAGESIZE));
        _size = page + kStack;
        _begin = ::mmap(nullptr, _size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        expect(_begin != MAP_FAILED, "mmap()", std::to_string(errno));
        expectEqual("mprotect()", 0, ::mprotect(_begin, page, PROT_NONE));
        _stack = static_cast<unsigned char*>(_begin) + page;
        std::memset(_stack, kPaint, kStack);
    }

    ~SmallStack() {
        ::munmap(_begin, _size);
    }

    SmallStack(const SmallStack&) = delete;
    SmallStack& operator=(const SmallStack&) = delete;

    std::size_t usedBy(const std::function<void()>& body) {
        pthread_attr_t attributes{};
        ::pthread_attr_init(&attributes);
        expectEqual("pthread_attr_setstack()", 0,
                    ::pthread_attr_setstack(&attributes, _stack, kStack));
        pthread_t thread{};
        expectEqual("pthread_create()", 0,
                    ::pthread_create(
                        &thread, &attributes,
                        [](void* argument) -> void* {
                            (*static_cast<const std::function<void()>*>(argument))();
                            return nullptr;
                        },
                        const_cast<void*>(static_cast<const void*>(&body))));
        ::pthread_join(thread, nullptr);
        ::pthread_attr_destroy(&attributes);
        const unsigned char* const deepest = std::find_if(
            _stack, _stack + kStack, [](unsigned char byte) { return byte != kPaint; });
        return static_cast<std::size_t>(_stack + kStack - deepest);
    }

private:
    void* _begin = nullptr;
    std::size_t _size = 0;
    unsigned char* _stack = nullptr;
};

void aCallerNeedsLittle() {
    const TempDir dbpath;
    const TempDir unused;
    const auto host = std::make_shared<RecordingHost>();
    Receiver receiver = Receiver::silent();
    const std::string url = receiver.url();
    std::unique_ptr<Telemetry> telemetry;
    std::unique_ptr<Telemetry> off;
    const std::vector<std::pair<const char*, std::function<void()>>> calls = {
        {"nothing", [] {}},
        {"the constructor",
         [&] {
             telemetry = std::make_unique<Telemetry>(host);
             off = std::make_unique<Telemetry>(host);
         }},
        {"parameters()", [] { std::ignore = Telemetry::parameters(); }},
        {"set(), the URL",
         [&] { std::ignore = telemetry->set("perconaTelemetryUrl", url, When::startup); }},
        {"set(), a bad URL",
         [&] {
             std::ignore = telemetry->set("perconaTelemetryUrl", "ftp://nowhere", When::startup);
         }},
        {"start()",
         [&] {
             telemetry->start({dbpath.path(), kVersion});
         }},
        {"get()", [&] { std::ignore = telemetry->get("perconaTelemetryUrl"); }},
        {"status()", [&] { std::ignore = telemetry->status(); }},
        {"set(), off at run time",
         [&] {
             receiver.waitForRequests(1);
             std::ignore = telemetry->set("perconaTelemetry", "false", When::runtime);
         }},
        {"status() with a preview", [&] { std::ignore = telemetry->status(); }},
        {"set(), on at run time",
         [&] { std::ignore = telemetry->set("perconaTelemetry", "true", When::runtime); }},
        {"stop()", [&] { telemetry->stop(kPatience); }},
        {"start() while off",
         [&] {
             std::ignore = off->set("perconaTelemetry", "false", When::startup);
             off->start({unused.path(), kVersion});
         }},
        {"the destructor",
         [&] {
             telemetry.reset();
             off.reset();
         }},
    };
    std::size_t most = 0;
    for (const auto& [name, call] : calls) {
        const std::size_t used = SmallStack().usedBy(call);
        most = std::max(most, used);
        std::cout << "   " << std::left << std::setw(24) << name << std::right << std::setw(6)
                  << used << " bytes" << std::endl;
    }
    // A thread's own book-keeping is in it. No budget of the design: what is there to spare.
    expect(most < kStack / 2, "no call needs half of a stack of 64 KiB",
           std::to_string(most) + " bytes");
    expectContains("the log", "Telemetry enabled", joined(host->lines()));
}

constexpr const char* kLimited = "--limited";

// The limit counts from the next program on.
void theProcessMayHaveLittle() {
    inChild("with ulimit -s 64", [] {
        const rlimit limit = {kStack, kStack};
        expectEqual("setrlimit()", 0, ::setrlimit(RLIMIT_STACK, &limit));
        ::execl("/proc/self/exe", "small_stack", kLimited, nullptr);
        throw Failure("execl(): " + std::to_string(errno));
    });
}

void aFirstStartUnderTheLimit() {
    rlimit limit{};
    ::getrlimit(RLIMIT_STACK, &limit);
    expectEqual("RLIMIT_STACK", kStack, static_cast<std::size_t>(limit.rlim_cur));
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    expectEqual("state", "sent", state(telemetry));
}

}  // namespace
}  // namespace consumer

int main(int argc, char** argv) {
    using namespace consumer;
    if (argc > 1 && std::string_view(argv[1]) == kLimited) {
        return prove({{"a first start with ulimit -s 64", aFirstStartUnderTheLimit}});
    }
    return prove({
        {"each call runs on a stack of 64 KiB", aCallerNeedsLittle},
        {"a process with a stack limit of 64 KiB reports as ever", theProcessMayHaveLittle},
    });
}
