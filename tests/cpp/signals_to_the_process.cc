// A server whose threads take every signal, and gets many while the library works: the library's
// threads take none, and nothing of what it does is cut short by one.

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <iostream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "child.h"
#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

constexpr std::size_t kCallers = 3;
constexpr int kDeliveriesPerCaller = 20;
constexpr std::array<int, 8> kSignals = {SIGHUP,  SIGINT,  SIGTERM, SIGUSR1,
                                         SIGUSR2, SIGPROF, SIGURG,  SIGWINCH};

// A handler knows by these which threads are the server's.
std::array<std::atomic<pid_t>, kCallers> callers{};
std::atomic<int> handled{0};
std::atomic<int> handledByOthers{0};

pid_t myId() {
    return static_cast<pid_t>(::syscall(SYS_gettid));
}

void handle(int) {
    const pid_t me = myId();
    bool isCaller = false;
    for (const auto& caller : callers) {
        isCaller |= caller == me;
    }
    ++(isCaller ? handled : handledByOthers);
}

void setMask(int how) {
    sigset_t all;
    ::sigfillset(&all);
    expectEqual("pthread_sigmask()", 0, ::pthread_sigmask(how, &all, nullptr));
}

// One after the other, so that a signal is always on its way. Each caller has all unblocked.
void deliver(std::size_t number) {
    callers.at(number) = myId();
    Receiver receiver = Receiver::answering();  // its thread takes no part: all are blocked still
    setMask(SIG_UNBLOCK);
    for (int i = 0; i < kDeliveriesPerCaller; ++i) {
        const TempDir dbpath;
        const auto host = std::make_shared<RecordingHost>();
        Telemetry telemetry(host);
        start(telemetry, dbpath, receiver.url());
        host->waitFor("deliver");
        waitForState(telemetry, "sent");
        expectEqual("attempts", "1", member(telemetry, "attempts"));
        expectEqual("lastError", "null", member(telemetry, "lastError"));
        switchAtRuntime(telemetry, false);
        eventually("the opt-out is stored", [&] { return stored(dbpath, "optOut") == "1"; });
        expectStopped(telemetry);
        expectEqual("warnings", joined({}), joined(host->warnings()));
    }
    setMask(SIG_BLOCK);
}

void theLibrarysThreadsTakeNone() {
    struct sigaction action {};
    action.sa_handler = handle;  // without SA_RESTART: what is interrupted fails with EINTR
    for (const int number : kSignals) {
        expectEqual("sigaction()", 0, ::sigaction(number, &action, nullptr));
    }
    // The kernel asks the main thread first. It takes none, so that each signal looks for another.
    setMask(SIG_BLOCK);
    std::atomic<int> working{static_cast<int>(kCallers)};
    std::array<std::string, kCallers> failures;
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < kCallers; ++i) {
        all.emplace_back([&, i] {
            try {
                deliver(i);
            } catch (const std::exception& failure) {
                failures.at(i) = failure.what();
            }
            setMask(SIG_BLOCK);
            --working;
        });
    }
    int sent = 0;
    for (; working > 0; ++sent) {
        ::kill(::getpid(), kSignals.at(static_cast<std::size_t>(sent) % kSignals.size()));
        // Not faster: a thread that does nothing but handle signals never ends its sleep.
        std::this_thread::sleep_for(std::chrono::microseconds(200));
    }
    for (std::thread& thread : all) {
        thread.join();
    }
    for (const int number : kSignals) {
        ::signal(number, SIG_IGN);  // also drops what is pending
    }
    setMask(SIG_UNBLOCK);
    for (const std::string& failure : failures) {
        expect(failure.empty(), "a delivery as if there were no signals", failure);
    }
    expect(handled > 0, "the server's threads take signals", std::to_string(handled));
    expectEqual("signals that other threads took", 0, handledByOthers.load());
    std::cout << "   " << kCallers * kDeliveriesPerCaller << " deliveries and opt-outs, " << sent
              << " signals sent, " << handled << " taken by the server's threads" << std::endl;
}

bool isStopped(pid_t process) {
    const std::string stat = contentOf("/proc/" + std::to_string(process) + "/stat");
    const std::size_t name = stat.rfind(')');
    return name != std::string::npos && stat.substr(name, 3) == ") T";
}

// SIGSTOP cannot be blocked, and a read with a time limit is cut short by what follows it.
void stoppedAndContinuedItGoesOn() {
    const TempDir dbpath;
    Receiver receiver = Receiver::holding();
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    receiver.waitForRequests(1);
    const pid_t me = ::getpid();
    inChild("stops this process and continues it", [&] {
        for (int i = 0; i < 5; ++i) {
            ::kill(me, SIGSTOP);
            try {
                eventually("the process is stopped", [&] { return isStopped(me); });
            } catch (...) {
                ::kill(me, SIGCONT);
                throw;
            }
            ::kill(me, SIGCONT);
            eventually("the process goes on", [&] { return !isStopped(me); });
        }
    });
    expectEqual("state", "sending", state(telemetry));
    receiver.answerAll();
    host->waitFor("Telemetry report delivered");
    waitForState(telemetry, "sent");
    expectEqual("attempts", "1", member(telemetry, "attempts"));
    expectEqual("lastError", "null", member(telemetry, "lastError"));
    expectEqual("connections", 1U, receiver.connections());
    expectStopped(telemetry);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"signals for the process are taken by the server's threads only, and disturb nothing",
         theLibrarysThreadsTakeNone},
        {"a process that is stopped and continued goes on with its attempt",
         stoppedAndContinuedItGoesOn},
    });
}
