// What the library must not touch: signals, locale, working directory, environment, and no thread
// when there is nothing to do.

#include <pthread.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <clocale>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <tuple>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

void handle(int) {
}

// What a process shares among all that lives in it.
std::vector<std::string> processState() {
    std::vector<std::string> all;
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        if (::sigaction(number, nullptr, &action) == 0) {
            std::ostringstream text;
            text << "signal " << number << ": handler "
                 << reinterpret_cast<std::uintptr_t>(action.sa_handler) << ", flags "
                 << action.sa_flags;
            all.push_back(text.str());
        }
    }
    all.push_back(std::string("locale ") + std::setlocale(LC_ALL, nullptr));
    all.push_back("folder " + std::filesystem::current_path().string());
    const mode_t mask = ::umask(0);
    ::umask(mask);
    all.push_back("umask " + std::to_string(mask));
    for (char** variable = environ; *variable != nullptr; ++variable) {
        all.push_back(std::string("variable ") + *variable);
    }
    return all;
}

std::vector<std::string> callersMask() {
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    std::vector<std::string> blocked;
    for (int number = 1; number < NSIG; ++number) {
        if (::sigismember(&mask, number) == 1) {
            blocked.push_back(std::to_string(number));
        }
    }
    return blocked;
}

// The signals that a thread blocks, as the kernel writes them.
std::string blockedBy(const std::string& threadId) {
    std::istringstream status(contentOf("/proc/self/task/" + threadId + "/status"));
    for (std::string line; std::getline(status, line);) {
        if (line.rfind("SigBlk:", 0) == 0) {
            return line.substr(line.find_first_not_of(" \t", 7));
        }
    }
    throw Failure("thread " + threadId + " has no line SigBlk");
}

// What a thread blocks that blocks all it can but the signals that a fault of its own raises.
std::string asynchronousBlocked() {
    std::string blocked;
    std::thread([&] {
        sigset_t all;
        ::sigfillset(&all);
        for (const int fault : {SIGABRT, SIGBUS, SIGFPE, SIGILL, SIGSEGV, SIGSYS, SIGTRAP}) {
            ::sigdelset(&all, fault);
        }
        ::pthread_sigmask(SIG_SETMASK, &all, nullptr);
        blocked = blockedBy(std::to_string(::syscall(SYS_gettid)));
    }).join();
    return blocked;
}

void libraryThreadsTakeNoAsynchronousSignal() {
    const TempDir dbpath;
    Receiver receiver = Receiver::silent();
    Telemetry telemetry(std::make_shared<RecordingHost>());
    start(telemetry, dbpath, receiver.url());
    receiver.waitForRequests(1);
    const std::vector<Thread> all = libraryThreads();
    expectEqual("threads of the library while an attempt hangs", 2U, all.size());
    const std::string expected = asynchronousBlocked();
    for (const Thread& thread : all) {
        expectEqual("signals that " + thread.name + " blocks", expected, blockedBy(thread.id));
    }
    expectStopped(telemetry);
    waitUntilLibraryThreadsAreGone();
}

void theProcessIsLeftAsItWas() {
    std::setlocale(LC_ALL, "C.UTF-8");
    struct sigaction action {};
    action.sa_handler = handle;
    action.sa_flags = SA_RESTART;
    ::sigaction(SIGUSR1, &action, nullptr);
    sigset_t one;
    ::sigemptyset(&one);
    ::sigaddset(&one, SIGUSR2);
    ::pthread_sigmask(SIG_BLOCK, &one, nullptr);

    const std::vector<std::string> before = processState();
    const std::vector<std::string> maskBefore = callersMask();
    expect(std::find(maskBefore.begin(), maskBefore.end(), std::to_string(SIGUSR2)) !=
               maskBefore.end(),
           "SIGUSR2 is blocked", joined(maskBefore));
    const auto expectSame = [&](const std::string& when) {
        const std::vector<std::string> now = processState();
        for (std::size_t i = 0; i < std::min(now.size(), before.size()); ++i) {
            expectEqual(when, before[i], now[i]);
        }
        expectEqual(when + ": number of entries", before.size(), now.size());
        expectEqual(when + ": the caller's signal mask", joined(maskBefore), joined(callersMask()));
    };

    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    {
        Telemetry telemetry(host);
        expectSame("after the handle is made");
        start(telemetry, dbpath, receiver.url());
        expectSame("after start()");
        host->waitFor("Telemetry report delivered");
        expectSame("after the delivery");
        switchAtRuntime(telemetry, false);
        eventually("the opt-out is stored", [&] { return stored(dbpath, "optOut") == "1"; });
        expectSame("after the opt-out");
        expectStopped(telemetry);
    }
    expectSame("after the handle is gone");
}

void noThreadStaysAfterTheDelivery() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<RecordingHost>();
    const ThreadsUntilNow before;
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    eventually("no thread that was started is left", [&] { return before.newer().empty(); });
    expectStopped(telemetry);
}

void noThreadIsStartedWhileOff() {
    const TempDir dbpath;
    const ThreadsUntilNow before;
    {
        Telemetry telemetry(std::make_shared<RecordingHost>());
        set(telemetry, "perconaTelemetry", "false");
        telemetry.start({dbpath.path(), kVersion});
        before.expectNoNewer("while the parameter says off");
        std::ignore = telemetry.status();
        expectStopped(telemetry);
    }
    for (const char* const variable : {"PERCONA_TELEMETRY_DISABLE", "DO_NOT_TRACK"}) {
        ::setenv(variable, "1", 1);
        Telemetry telemetry(std::make_shared<RecordingHost>());
        telemetry.start({dbpath.path(), kVersion});
        before.expectNoNewer(std::string("while ") + variable + " says off");
        expectEqual("decidedBy", std::string(variable), member(telemetry, "decidedBy"));
        expectStopped(telemetry);
        ::unsetenv(variable);
    }
    expect(dbpath.names().empty(), "the dbpath is as it was", joined(dbpath.names()));
}

void noThreadStaysAfterAStoredOptOut() {
    const TempDir dbpath;
    {
        Telemetry telemetry(nullptr);
        switchAtRuntime(telemetry, false);
        telemetry.start({dbpath.path(), kVersion});
        expectStopped(telemetry);
        expectEqual("stored optOut", "1", stored(dbpath, "optOut"));
    }
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    telemetry.start({dbpath.path(), kVersion});
    host->waitFor("Telemetry disabled decidedBy=\"optOut in telemetry_uuid\"");
    expectEqual("state", "off", state(telemetry));
    waitUntilLibraryThreadsAreGone();
    expectStopped(telemetry);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"the library's threads block the asynchronous signals, and leave faults to the server",
         libraryThreadsTakeNoAsynchronousSignal},
        {"handlers, masks, locale, folder, umask and environment are left as they were",
         theProcessIsLeftAsItWas},
        {"no thread stays after the delivery", noThreadStaysAfterTheDelivery},
        {"no thread is started while telemetry is off", noThreadIsStartedWhileOff},
        {"no thread stays after a stored opt-out is read", noThreadStaysAfterAStoredOptOut},
    });
}
