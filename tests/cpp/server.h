// A server with the library in it: its log, its dbpath and its handle.

#pragma once

#include <initializer_list>

#include "checks.h"
#include "process.h"
#include "psmdb_telemetry/telemetry.h"

namespace consumer {

using psmdb::telemetry::Code;
using psmdb::telemetry::Host;
using psmdb::telemetry::HttpClient;
using psmdb::telemetry::HttpRequest;
using psmdb::telemetry::HttpResponse;
using psmdb::telemetry::LogEvent;
using psmdb::telemetry::LogLevel;
using psmdb::telemetry::Telemetry;
using psmdb::telemetry::When;

constexpr const char* kVersion = "4.4.26-25";
constexpr const char* kFileName = "telemetry_uuid";
constexpr const char* kDelivered = "Telemetry report delivered";
// For what is not connected to: a host's own client takes it.
constexpr const char* kNowhere = "https://telemetry.example/";

// Keeps its log.
class RecordingHost : public Host {
public:
    // After stop() no log() runs. ThreadSanitizer cannot see the lock that makes it so; this one it
    // can.
    ~RecordingHost() override {
        const std::lock_guard<std::mutex> lock(_mutex);
    }

    void log(const LogEvent& event) override {
        lateLines += isStopped ? 1 : 0;
        const std::lock_guard<std::mutex> lock(_mutex);
        _lines.push_back(toLine(event));
        if (event.level == LogLevel::warning) {
            _warnings.push_back(_lines.back());
        }
        _written.notify_all();
    }

    // Waits for a line that contains `words`.
    void waitFor(const std::string& words) {
        std::unique_lock<std::mutex> lock(_mutex);
        const auto isThere = [&] {
            return std::any_of(_lines.begin(), _lines.end(), [&](const std::string& line) {
                return line.find(words) != std::string::npos;
            });
        };
        if (!_written.wait_for(lock, kTimeout, isThere)) {
            lock.unlock();
            throw Failure("the log\n  expected: … " + words + " …\n  seen:     " + joined(lines()));
        }
    }

    std::vector<std::string> lines() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _lines;
    }

    std::vector<std::string> warnings() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _warnings;
    }

    void expectNoWarning() const {
        expectEqual("warnings", joined({}), joined(warnings()));
    }

    void expectOneWarning(const std::string& words) const {
        const std::vector<std::string> all = warnings();
        expect(all.size() == 1, "exactly one warning in the log", joined(all));
        expectContains("the warning", words, all.front());
    }

    std::atomic<bool> isStopped{false};  // set by a test, once stop() has returned
    std::atomic<int> lateLines{0};       // those that began after that

private:
    mutable std::mutex _mutex;
    std::condition_variable _written;
    std::vector<std::string> _lines;
    std::vector<std::string> _warnings;
};

// Does something in each log(), once the line is kept.
class ActingHost : public RecordingHost {
public:
    explicit ActingHost(std::function<void()> act) : _act(std::move(act)) {
    }

    void log(const LogEvent& event) override {
        RecordingHost::log(event);
        _act();
        static_cast<void>(lines());  // for the lock: see ~RecordingHost()
    }

private:
    const std::function<void()> _act;
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

// Not at the first call: on a busy machine an attempt that is cancelled may end so late that it is
// detached, and until it has ended stop() is false.
inline void expectStopped(Telemetry& telemetry) {
    eventually("stop() is true: the library's threads have ended",
               [&] { return telemetry.stop(kTimeout); });
}

// The value of a key in a dbpath's `telemetry_uuid`; nothing if it is not there.
inline std::string stored(const TempDir& dbpath, const std::string& key) {
    return valueIn(dbpath.path(kFileName), key);
}

// A dbpath, a log and a handle that is not started yet.
struct Server {
    explicit Server(std::shared_ptr<RecordingHost> itsHost = std::make_shared<RecordingHost>())
        : host(std::move(itsHost)), handle(std::make_unique<Telemetry>(host)) {
    }

    Telemetry& telemetry() const {
        return *handle;
    }

    void start(const std::string& url) const {
        consumer::start(*handle, dbpath, url);
    }

    void startSwitchedOff() const {
        set(*handle, "perconaTelemetry", "false");
        handle->start({dbpath.path(), kVersion});
    }

    // From the start until `words` are in the log.
    void startUntil(const std::string& words, const std::string& url) const {
        start(url);
        host->waitFor(words);
    }

    void deliver(const std::string& url) const {
        startUntil(kDelivered, url);
        expectStatus({{"state", "sent"}, {"attempts", "1"}, {"lastError", "null"}});
    }

    using Members = std::initializer_list<std::pair<const char*, std::string>>;

    void expectStatus(const Members& members) const {
        const std::string status = handle->status();
        for (const auto& [name, value] : members) {
            expectEqual(name, value, member(status, name));
        }
    }

    // Failed for a cause that the status and exactly one warning name.
    void expectFailed(const std::string& why) const {
        expectStatus({{"state", "failed"}});
        expectContains("lastError", why, member(*handle, "lastError"));
        host->expectOneWarning(why);
    }

    void expectStored(const std::string& key, const std::string& value) const {
        expectEqual("stored " + key, value, stored(dbpath, key));
    }

    void expectNotDelivered() const {
        expectStored("PRODUCT_FAMILY_PSMDB", "");
    }

    void waitUntilOptOutIsStored() const {
        eventually("the opt-out is stored", [this] { return stored(dbpath, "optOut") == "1"; });
    }

    void stop() const {
        expectStopped(*handle);
    }

    const TempDir dbpath;
    std::shared_ptr<RecordingHost> host;
    std::unique_ptr<Telemetry> handle;
};

}  // namespace consumer
