// Signals, and what else a process shares among all that is in it: handlers, masks, locale, folder,
// umask and environment. (The masks of the library's threads: tests/hanging_attempt.rs.)

#include <pthread.h>
#include <signal.h>
#include <sys/syscall.h>

#include <clocale>
#include <cstdint>

#include "support.h"

using namespace consumer;

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
    const bool isCaller = std::find(callers.begin(), callers.end(), myId()) != callers.end();
    ++(isCaller ? handled : handledByOthers);
}

void installHandler(int number, int flags) {
    struct sigaction action {};
    action.sa_handler = handle;
    action.sa_flags = flags;
    expectEqual("sigaction()", 0, ::sigaction(number, &action, nullptr));
}

void setMask(int how) {
    sigset_t all;
    ::sigfillset(&all);
    expectEqual("pthread_sigmask()", 0, ::pthread_sigmask(how, &all, nullptr));
}

// What a process shares among all that is in it, and the caller's mask.
std::vector<std::string> processState() {
    std::vector<std::string> all;
    sigset_t mask;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &mask);
    for (int number = 1; number < NSIG; ++number) {
        struct sigaction action {};
        ::sigaction(number, nullptr, &action);
        const auto handler = reinterpret_cast<std::uintptr_t>(action.sa_handler);
        all.push_back("signal " + std::to_string(number) + ": handler " + std::to_string(handler) +
                      ", flags " + std::to_string(action.sa_flags) + ", blocked " +
                      std::to_string(::sigismember(&mask, number)));
    }
    all.push_back(std::string("locale ") + std::setlocale(LC_ALL, nullptr));
    all.push_back("folder " + std::filesystem::current_path().string());
    all.push_back("umask " + valueIn("/proc/self/status", "Umask"));
    for (char** variable = environ; *variable != nullptr; ++variable) {
        all.push_back(std::string("variable ") + *variable);
    }
    return all;
}

// One after the other, so that a signal is always on its way. Each caller has all unblocked.
void deliverInTurn(std::size_t number) {
    callers.at(number) = myId();
    Receiver receiver = Receiver::answering();  // its thread takes no part: all are blocked still
    setMask(SIG_UNBLOCK);
    for (int i = 0; i < kDeliveriesPerCaller; ++i) {
        const Server server;
        server.startUntil("deliver", receiver.url());
        waitForState(server.telemetry(), "sent");
        server.expectStatus({{"attempts", "1"}, {"lastError", "null"}});
        switchAtRuntime(server.telemetry(), false);
        server.waitUntilOptOutIsStored();
        server.stop();
        server.host->expectNoWarning();
    }
}

bool isStopped(pid_t process) {
    const std::string stat = contentOf("/proc/" + std::to_string(process) + "/stat");
    const std::size_t name = stat.rfind(')');
    return name != std::string::npos && stat.substr(name, 3) == ") T";
}

}  // namespace

TEST("handlers, masks, locale, folder, umask and environment are left as they were") {
    std::setlocale(LC_ALL, "C.UTF-8");
    installHandler(SIGUSR1, SA_RESTART);
    sigset_t one;
    ::sigemptyset(&one);
    ::sigaddset(&one, SIGUSR2);
    ::pthread_sigmask(SIG_BLOCK, &one, nullptr);

    const std::vector<std::string> before = processState();
    const auto expectSame = [&](const std::string& when) {
        const std::vector<std::string> now = processState();
        expectEqual(when + ": number of entries", before.size(), now.size());
        for (std::size_t i = 0; i < before.size(); ++i) {
            expectEqual(when, before[i], now[i]);
        }
    };
    Receiver receiver = Receiver::answering();
    {
        const Server server;
        expectSame("after the handle is made");
        server.start(receiver.url());
        expectSame("after start()");
        server.host->waitFor(kDelivered);
        expectSame("after the delivery");
        switchAtRuntime(server.telemetry(), false);
        server.waitUntilOptOutIsStored();
        expectSame("after the opt-out");
    }
    expectSame("after the handle is gone");
}

TEST("signals for the process are taken by the server's threads only, and disturb nothing") {
    for (const int number : kSignals) {
        installHandler(number, 0);  // without SA_RESTART: what is interrupted fails with EINTR
    }
    // The kernel asks the main thread first. It takes none, so that each signal looks for another.
    setMask(SIG_BLOCK);
    std::atomic<std::size_t> working{kCallers};
    std::array<std::string, kCallers> failures;
    std::vector<std::thread> all;
    for (std::size_t i = 0; i < kCallers; ++i) {
        all.emplace_back([&, i] {
            try {
                deliverInTurn(i);
            } catch (const std::exception& failure) {
                failures.at(i) = failure.what();
            }
            setMask(SIG_BLOCK);
            --working;
        });
    }
    std::size_t sent = 0;
    for (; working > 0; ++sent) {
        ::kill(::getpid(), kSignals.at(sent % kSignals.size()));
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

// SIGSTOP cannot be blocked, and a read with a time limit is cut short by what follows it.
TEST("a process that is stopped and continued goes on with its attempt") {
    Receiver receiver = Receiver::silent();
    const Server server;
    server.start(receiver.url());
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
    server.expectStatus({{"state", "sending"}});
    receiver.answerAll();
    server.host->waitFor(kDelivered);
    waitForState(server.telemetry(), "sent");
    server.expectStatus({{"attempts", "1"}, {"lastError", "null"}});
    expectEqual("connections", 1U, receiver.connections());
}

int main() {
    return prove();
}
