// What the consumer scenarios share: promises that are proved one after the other, a dbpath of
// their own, a server that keeps its log, and a look at this process from outside.
//
// A scenario waits for events, with kPatience as the limit; it never sleeps and hopes.

#ifndef PSMDB_TELEMETRY_TESTS_CPP_SUPPORT_H
#define PSMDB_TELEMETRY_TESTS_CPP_SUPPORT_H

#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <exception>
#include <filesystem>
#include <fstream>
#include <iomanip>
#include <iostream>
#include <memory>
#include <mutex>
#include <ratio>
#include <set>
#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include "psmdb_telemetry/telemetry.h"

namespace consumer {

using psmdb::telemetry::Host;
using psmdb::telemetry::HttpClient;
using psmdb::telemetry::LogEvent;
using psmdb::telemetry::LogLevel;
using psmdb::telemetry::Telemetry;
using psmdb::telemetry::When;
using Clock = std::chrono::steady_clock;
using Millis = std::chrono::duration<double, std::milli>;

// How long any scenario waits for anything.
constexpr std::chrono::seconds kPatience(20);
// When the kernel ends a scenario that hangs where it should not.
constexpr unsigned kSecondsUntilKilled = 240;
// What the design grants stop() and the run-time switch while an attempt hangs.
constexpr std::chrono::milliseconds kStopBudget(50);

constexpr const char* kVersion = "4.4.26-25";
constexpr const char* kFileName = "telemetry_uuid";
constexpr const char* kHostFile = "/etc/percona/telemetry-disable";

// ---- Promises ----

class Failure : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

// This machine does not let a promise be proved; the words say why.
class Skipped : public std::runtime_error {
public:
    using std::runtime_error::runtime_error;
};

template <typename Expected, typename Seen>
void expectEqual(const std::string& what, const Expected& expected, const Seen& seen) {
    if (!(expected == seen)) {
        std::ostringstream text;
        text << std::boolalpha << what << "\n  expected: " << expected << "\n  seen:     " << seen;
        throw Failure(text.str());
    }
}

inline void expect(bool holds, const std::string& what, const std::string& seen) {
    if (!holds) {
        throw Failure(what + "\n  seen:     " + seen);
    }
}

inline void expectContains(const std::string& what, const std::string& words,
                           const std::string& text) {
    expect(text.find(words) != std::string::npos, what + "\n  expected: … " + words + " …", text);
}

inline std::string joined(const std::vector<std::string>& texts) {
    constexpr std::size_t shown = 20;
    std::string all;
    for (std::size_t i = 0; i < std::min(texts.size(), shown); ++i) {
        all += "\n            " + texts[i];
    }
    if (texts.size() > shown) {
        all += "\n            … and " + std::to_string(texts.size() - shown) + " more";
    }
    return all.empty() ? "nothing" : all;
}

struct Promise {
    const char* words;
    void (*prove)();
};

// The library must not see how the machine is set up.
inline void clearEnvironment() {
    std::vector<std::string> names = {"DO_NOT_TRACK",
                                      "FULL_PERCONA_VERSION",
                                      "OS_VER",
                                      "KUBERNETES_SERVICE_HOST",
                                      "container",
                                      "SSL_CERT_FILE",
                                      "SSL_CERT_DIR",
                                      "http_proxy",
                                      "https_proxy",
                                      "HTTP_PROXY",
                                      "HTTPS_PROXY",
                                      "all_proxy",
                                      "ALL_PROXY",
                                      "no_proxy",
                                      "NO_PROXY",
                                      "RUST_BACKTRACE",
                                      "RUST_LIB_BACKTRACE"};
    for (char** variable = environ; *variable != nullptr; ++variable) {
        const std::string_view text(*variable);
        if (text.substr(0, 8) == "PERCONA_") {
            names.emplace_back(text.substr(0, text.find('=')));
        }
    }
    for (const std::string& name : names) {
        ::unsetenv(name.c_str());
    }
}

// The body of main(): proves one promise after the other and gives the exit code.
inline int prove(const std::vector<Promise>& promises) {
    ::alarm(kSecondsUntilKilled);
    clearEnvironment();
    struct stat found {};
    if (::lstat(kHostFile, &found) == 0 || (errno != ENOENT && errno != ENOTDIR)) {
        std::cout << "FAILED: " << kHostFile << " exists on this machine, or cannot be looked for: "
                  << "telemetry is off here, and the scenario cannot run" << std::endl;
        return 1;
    }
    for (const Promise& promise : promises) {
        try {
            promise.prove();
        } catch (const Skipped& why) {
            std::cout << "SKIPPED " << promise.words << ": " << why.what() << std::endl;
            continue;
        } catch (const std::exception& failure) {
            std::cout << "FAILED " << promise.words << "\n" << failure.what() << std::endl;
            return 1;
        }
        std::cout << "ok " << promise.words << std::endl;
    }
    return 0;
}

// How often a scenario does what it repeats; the soak asks for more.
inline int repetitions(const char* variable, int usual) {
    const char* const wanted = std::getenv(variable);
    const int count = wanted != nullptr ? std::stoi(wanted) : usual;
    // Who asks for more also waits for longer.
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
    const auto deadline = Clock::now() + kPatience;
    while (!holds()) {
        if (Clock::now() > deadline) {
            throw Failure(what + ": not within the time that a scenario waits");
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
}

// Closed until somebody opens it.
class Gate {
public:
    void open() {
        const std::lock_guard<std::mutex> lock(_mutex);
        _isOpen = true;
        _opened.notify_all();
    }

    // False if nobody opens it in time.
    bool pass(Clock::duration patience = kPatience) {
        std::unique_lock<std::mutex> lock(_mutex);
        return _opened.wait_for(lock, patience, [this] { return _isOpen; });
    }

    void expectPassed(const std::string& what) {
        expect(pass(), what, "it did not happen in time");
    }

private:
    std::mutex _mutex;
    std::condition_variable _opened;
    bool _isOpen = false;
};

// Several measurements of one thing.
class Distribution {
public:
    void add(Millis value) {
        _values.push_back(value.count());
        std::sort(_values.begin(), _values.end());
    }

    // The value that `share` of all do not exceed.
    double quantile(double share) const {
        const auto last = static_cast<double>(_values.size() - 1);
        return _values.at(static_cast<std::size_t>(share * last));
    }

    std::string text() const {
        std::ostringstream out;
        out << std::fixed << std::setprecision(3) << "median " << quantile(0.5) << " ms, p99 "
            << quantile(0.99) << " ms, max " << _values.back() << " ms of " << _values.size();
        return out.str();
    }

private:
    std::vector<double> _values;
};

// Proves that something keeps to kStopBudget. One round in four may be lost to a machine that is
// busy with something else: a library that is late is late in all of them.
inline void expectWithinBudget(const std::string& what, const Distribution& took) {
    std::cout << "   " << what << ": " << took.text() << std::endl;
    expect(took.quantile(0.75) < static_cast<double>(kStopBudget.count()), what + " within 50 ms",
           took.text());
}

// ---- Files ----

// A new folder, gone with all that is in it at the end.
class TempDir {
public:
    TempDir() {
        const char* const parent = std::getenv("TMPDIR");
        std::string name = std::string(parent != nullptr ? parent : "/tmp") + "/telemetry.XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) {
            throw std::system_error(errno, std::generic_category(), "mkdtemp " + name);
        }
        _path = name;
    }

    ~TempDir() {
        std::error_code ignored;
        std::filesystem::remove_all(_path, ignored);
    }

    TempDir(const TempDir&) = delete;
    TempDir& operator=(const TempDir&) = delete;

    const std::string& path() const {
        return _path;
    }

    std::string path(const std::string& name) const {
        return _path + "/" + name;
    }

    std::vector<std::string> names() const {
        std::vector<std::string> names;
        for (const auto& entry : std::filesystem::directory_iterator(_path)) {
            names.push_back(entry.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        return names;
    }

private:
    std::string _path;
};

// All of a file; nothing if it cannot be read. In /proc a file may go while it is read: that is
// nothing too, and << does not throw for it.
inline std::string contentOf(const std::string& path) {
    const std::ifstream file(path, std::ios::binary);
    std::ostringstream content;
    content << file.rdbuf();
    return content.str();
}

// The value of a key in a dbpath's `telemetry_uuid`; nothing if it is not there.
inline std::string stored(const TempDir& dbpath, const std::string& key) {
    std::istringstream file(contentOf(dbpath.path(kFileName)));
    for (std::string line; std::getline(file, line);) {
        if (line.rfind(key + ":", 0) == 0) {
            return line.substr(key.size() + 1);
        }
    }
    return {};
}

// ---- This process ----

struct Thread {
    std::string id;
    std::string name;
};

inline std::vector<Thread> threads() {
    std::vector<Thread> found;
    for (const auto& entry : std::filesystem::directory_iterator("/proc/self/task")) {
        std::string name = contentOf((entry.path() / "comm").string());
        name.erase(name.find_last_not_of('\n') + 1);
        if (!name.empty()) {  // it has not ended meanwhile
            found.push_back({entry.path().filename().string(), name});
        }
    }
    return found;
}

// The threads of the moment in which it is made. One that was joined may still be among them, on
// its way out: so they are not counted, but told from newer ones.
class ThreadsUntilNow {
public:
    // The names of those that there are now and were not there then.
    std::vector<std::string> newer() const {
        std::vector<std::string> names;
        for (const Thread& thread : threads()) {
            if (_ids.count(thread.id) == 0) {
                names.push_back(thread.name);
            }
        }
        return names;
    }

    void expectNoNewer(const std::string& when) const {
        expectEqual("threads started " + when, joined({}), joined(newer()));
    }

private:
    static std::set<std::string> ids() {
        std::set<std::string> ids;
        for (const Thread& thread : threads()) {
            ids.insert(thread.id);
        }
        return ids;
    }

    const std::set<std::string> _ids = ids();
};

// A thread that has only just begun still bears its parent's name: for "none is started" there is
// ThreadsUntilNow.
inline std::vector<Thread> libraryThreads() {
    std::vector<Thread> found = threads();
    const auto isForeign = [](const Thread& thread) {
        return thread.name.rfind("PsmdbTelemetry", 0) != 0;
    };
    found.erase(std::remove_if(found.begin(), found.end(), isForeign), found.end());
    return found;
}

inline std::size_t openDescriptors() {
    const std::filesystem::directory_iterator all("/proc/self/fd");
    return static_cast<std::size_t>(std::distance(begin(all), end(all)));
}

inline void waitUntilLibraryThreadsAreGone() {
    eventually("no thread of the library is left", [] { return libraryThreads().empty(); });
}

// ---- A server ----

// Keeps its log.
class RecordingHost : public Host {
public:
    // After stop() no log() runs. ThreadSanitizer cannot see the lock that makes it so; this one it
    // can.
    ~RecordingHost() override {
        const std::lock_guard<std::mutex> lock(_mutex);
    }

    void log(const LogEvent& event) override {
        const std::lock_guard<std::mutex> lock(_mutex);
        _lines.push_back({event.level, toLine(event)});
        _written.notify_all();
    }

    // Waits for a line that contains `words`.
    void waitFor(const std::string& words) {
        std::unique_lock<std::mutex> lock(_mutex);
        const auto isThere = [&] {
            return std::any_of(_lines.begin(), _lines.end(), [&](const Line& line) {
                return line.text.find(words) != std::string::npos;
            });
        };
        if (!_written.wait_for(lock, kPatience, isThere)) {
            lock.unlock();
            throw Failure("the log\n  expected: … " + words + " …\n  seen:     " + joined(lines()));
        }
    }

    std::vector<std::string> lines() const {
        return select([](LogLevel) { return true; });
    }

    std::vector<std::string> warnings() const {
        return select([](LogLevel level) { return level == LogLevel::warning; });
    }

    void expectOneWarning(const std::string& words) const {
        const std::vector<std::string> all = warnings();
        expect(all.size() == 1, "exactly one warning in the log", joined(all));
        expectContains("the warning", words, all.front());
    }

private:
    struct Line {
        LogLevel level;
        std::string text;
    };

    template <typename Predicate>
    std::vector<std::string> select(const Predicate& isWanted) const {
        const std::lock_guard<std::mutex> lock(_mutex);
        std::vector<std::string> texts;
        for (const Line& line : _lines) {
            if (isWanted(line.level)) {
                texts.push_back(line.text);
            }
        }
        return texts;
    }

    mutable std::mutex _mutex;
    std::condition_variable _written;
    std::vector<Line> _lines;
};

// With an HTTP client of its own, which is the host itself: a derived class has the post().
class HostWithClient : public RecordingHost,
                       public HttpClient,
                       public std::enable_shared_from_this<HostWithClient> {
public:
    std::shared_ptr<HttpClient> httpClient() override {
        return shared_from_this();
    }
};

// The value of a member of the status as it stands there, a string without its quotes.
inline std::string member(const std::string& status, const std::string& name) {
    const std::string key = "\"" + name + "\":";
    const std::size_t found = status.find(key);
    expect(found != std::string::npos, "the status has a member " + name, status);
    const std::size_t begin = found + key.size();
    if (status.at(begin) != '"') {
        return status.substr(begin, status.find_first_of(",}", begin) - begin);
    }
    std::size_t end = begin + 1;
    while (status.at(end) != '"') {
        end += status.at(end) == '\\' ? 2U : 1U;
    }
    return status.substr(begin + 1, end - begin - 1);
}

inline std::string member(const Telemetry& telemetry, const std::string& name) {
    return member(telemetry.status(), name);
}

inline std::string state(const Telemetry& telemetry) {
    return member(telemetry, "state");
}

inline void waitForState(const Telemetry& telemetry, const std::string& wanted) {
    eventually("state " + wanted, [&] { return state(telemetry) == wanted; });
}

// Sets a parameter that must be settable.
inline void set(Telemetry& telemetry, std::string_view name, std::string_view value,
                When when = When::startup) {
    const auto result = telemetry.set(name, value, when);
    expect(static_cast<bool>(result), std::string(name) + " can be set", result.text);
}

inline void switchAtRuntime(Telemetry& telemetry, bool on) {
    set(telemetry, "perconaTelemetry", on ? "true" : "false", When::runtime);
}

// Starts an instance that reports to `url`.
inline void start(Telemetry& telemetry, const TempDir& dbpath, const std::string& url) {
    set(telemetry, "perconaTelemetryUrl", url);
    telemetry.start({dbpath.path(), kVersion});
}

inline void expectStopped(Telemetry& telemetry) {
    expect(telemetry.stop(kPatience), "stop() sees the library's thread gone",
           "it was left behind");
}

}  // namespace consumer

#endif  // PSMDB_TELEMETRY_TESTS_CPP_SUPPORT_H
