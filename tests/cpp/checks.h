// Named tests, checks that say what was expected and what was seen, and waits with a limit.

#pragma once

#include <sys/stat.h>
#include <unistd.h>

// All programs and the other headers here count on these.
#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdlib>
#include <exception>
#include <functional>
#include <iomanip>
#include <iostream>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <tuple>
#include <utility>
#include <vector>

namespace consumer {

using Clock = std::chrono::steady_clock;
using Millis = std::chrono::duration<double, std::milli>;

// How long a test waits for anything: it never sleeps and hopes.
constexpr std::chrono::seconds kTimeout(20);
// When the kernel ends a program that hangs where it should not.
constexpr unsigned kSecondsUntilKilled = 240;
// What the design grants stop() and the run-time switch while an attempt hangs.
constexpr std::chrono::milliseconds kStopBudget(50);

constexpr const char* kHostFile = "/etc/percona/telemetry-disable";

class Failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// This machine does not let a promise be proved; the words say why.
class Skipped : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// ---- Checks ----

inline void expect(bool holds, const std::string& what, const std::string& seen) {
    if (!holds) {
        throw Failure(what + "\n  seen:     " + seen);
    }
}

template <typename Expected, typename Seen>
void expectEqual(const std::string& what, const Expected& expected, const Seen& seen) {
    if (!(expected == seen)) {
        std::ostringstream text;
        text << std::boolalpha << what << "\n  expected: " << expected << "\n  seen:     " << seen;
        throw Failure(text.str());
    }
}

inline void expectContains(const std::string& what, const std::string& words,
                           const std::string& text) {
    expect(text.find(words) != std::string::npos, what + "\n  expected: … " + words + " …", text);
}

inline std::string joined(const std::vector<std::string>& texts) {
    std::string all;
    for (const std::string& text : texts) {
        all += "\n            " + text;
    }
    return all.empty() ? "nothing" : all;
}

// ---- Tests ----

struct Promise {
    std::string words;
    void (*prove)();
};

inline std::vector<Promise>& promises() {
    static std::vector<Promise> all;
    return all;
}

struct Registered {
    Registered(const char* words, void (*prove)()) {
        promises().push_back({words, prove});
    }
};

// A test with its promise as its name. They run in the order of the file.
#define PSMDB_JOIN(name, line) name##line
#define PSMDB_TEST(promise, function, line)                                                       \
    static void PSMDB_JOIN(function, line)();                                                     \
    static const ::consumer::Registered PSMDB_JOIN(registered, line)(promise,                     \
                                                                     PSMDB_JOIN(function, line)); \
    static void PSMDB_JOIN(function, line)()
#define TEST(promise) PSMDB_TEST(promise, test, __LINE__)

// The library must not see how the machine is set up. What stays is for the tests and their tools.
inline void clearEnvironment() {
    std::vector<std::string> names;
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string text(*variable);
        const bool stays = text.rfind("TELEMETRY_", 0) == 0 || text.rfind("TMPDIR=", 0) == 0 ||
                           text.rfind("PATH=", 0) == 0 || text.rfind("LD_", 0) == 0 ||
                           text.find("SAN_OPTIONS=") == 1;
        if (!stays) {
            names.push_back(text.substr(0, text.find('=')));
        }
    }
    for (const std::string& name : names) {
        ::unsetenv(name.c_str());
    }
}

// The body of main(): proves one promise after the other and gives the exit code.
inline int prove(const std::vector<Promise>& all = promises()) {
    ::alarm(kSecondsUntilKilled);
    clearEnvironment();
    struct stat found {};
    if (::lstat(kHostFile, &found) == 0 || (errno != ENOENT && errno != ENOTDIR)) {
        std::cout << "FAILED: " << kHostFile << " switches telemetry off on this machine"
                  << std::endl;
        return 1;
    }
    for (const Promise& promise : all) {
        try {
            promise.prove();
            std::cout << "ok " << promise.words << std::endl;
        } catch (const Skipped& why) {
            std::cout << "SKIPPED " << promise.words << ": " << why.what() << std::endl;
        } catch (const std::exception& failure) {
            std::cout << "FAILED " << promise.words << "\n" << failure.what() << std::endl;
            return 1;
        }
    }
    return 0;
}

// How often a test does what it repeats. The soak asks for more, and is given more time.
inline int repetitions(const char* variable, int usual) {
    const char* const wanted = std::getenv(variable);
    const int count = wanted != nullptr ? std::stoi(wanted) : usual;
    ::alarm(kSecondsUntilKilled * static_cast<unsigned>(std::max(1, count / usual)));
    return count;
}

// ---- Time ----

template <typename Body>
Millis timed(const Body& body) {
    const auto begin = Clock::now();
    body();
    return Clock::now() - begin;
}

// For what has no event to wait for, such as a thread's disappearance from /proc.
template <typename Predicate>
void eventually(const std::string& what, const Predicate& holds) {
    for (const auto deadline = Clock::now() + kTimeout; !holds();) {
        expect(Clock::now() < deadline, what, "not within the time that a test waits");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

// Closed until somebody opens it.
class Gate {
public:
    // Whoever has passed is done with it: the lock lets ThreadSanitizer see that.
    ~Gate() {
        const std::lock_guard<std::mutex> lock(_mutex);
    }

    void open() {
        const std::lock_guard<std::mutex> lock(_mutex);
        _isOpen = true;
        _opened.notify_all();
    }

    // False if nobody opens it in time.
    bool pass() {
        std::unique_lock<std::mutex> lock(_mutex);
        return _opened.wait_for(lock, kTimeout, [this] { return _isOpen; });
    }

    void expectPassed(const std::string& what) {
        expect(pass(), what, "it did not happen in time");
    }

private:
    std::mutex _mutex;
    std::condition_variable _opened;
    bool _isOpen = false;
};

// Holds several measurements of one thing against kStopBudget. One round in four may be lost to a
// machine that is busy with something else: a library that is late is late in all of them.
inline void expectWithinBudget(const std::string& what, std::vector<Millis> took) {
    std::sort(took.begin(), took.end());
    std::ostringstream text;
    text << what << ": median " << took.at(took.size() / 2).count() << " ms, most "
         << took.back().count() << " ms of " << took.size();
    std::cout << "   " << text.str() << std::endl;
    expect(took.at(took.size() * 3 / 4) < kStopBudget, what + " within 50 ms", text.str());
}

}  // namespace consumer
