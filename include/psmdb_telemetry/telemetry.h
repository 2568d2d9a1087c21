// Telemetry for Percona Server for MongoDB: the one public header of libpsmdb_telemetry.a.
//
// On the first start of a data directory the library stores an anonymous instanceId there and
// delivers one small report about the installation; later starts send nothing. It is on by default
// and is switched off by PERCONA_TELEMETRY_DISABLE, DO_NOT_TRACK, /etc/percona/telemetry-disable or
// the server parameter perconaTelemetry.
//
// A server makes three calls:
//
//     psmdb::telemetry::Telemetry telemetry(host);    // while the process has one thread, or after
//                                                     // the fork
//     telemetry.start({dbpath, version});             // after the fork, with the dbpath locked
//     telemetry.stop(std::chrono::milliseconds(50));  // first in the shutdown
//
// Every function here, except the destructor of Telemetry, may be called from any thread and in any
// order. Parameters are set for start-up before start(), and stop() may come before start(). No
// function of Telemetry throws. Text is UTF-8 unless stated otherwise. A string_view argument is
// copied before the call returns.
//
// The library is compiled with exceptions. A program that is compiled with -fno-exceptions can link
// it. Then nothing that its Host and HttpClient call may throw.
//
// No function of Host or HttpClient may call pthread_exit(), and no thread inside one may be
// cancelled: this would end a thread of the library or of the server in the middle of a call.
//
// If the heap is exhausted, Rust ends the process. docs/integration.md says how little memory the
// library requests.

#ifndef PSMDB_TELEMETRY_TELEMETRY_H
#define PSMDB_TELEMETRY_TELEMETRY_H

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The version of this header. Telemetry::version() is the version of the archive.
#define PSMDB_TELEMETRY_VERSION "0.1.0"
// The version of this interface. It is raised whenever programs must be recompiled.
#define PSMDB_TELEMETRY_ABI_VERSION 1

// An incompatible header, archive and program fail to link. The cause is part of each symbol that
// the linker misses, for example abi_v1_glibcxx_debug.
#if defined(_LIBCPP_VERSION)
#define PSMDB_TELEMETRY_ABI_LIBRARY _libcxx
#elif defined(_GLIBCXX_USE_CXX11_ABI) && !_GLIBCXX_USE_CXX11_ABI
#define PSMDB_TELEMETRY_ABI_LIBRARY _old_std_string
#else
#define PSMDB_TELEMETRY_ABI_LIBRARY
#endif
#if defined(_GLIBCXX_DEBUG)
#define PSMDB_TELEMETRY_ABI_DEBUG _glibcxx_debug
#else
#define PSMDB_TELEMETRY_ABI_DEBUG
#endif
#define PSMDB_TELEMETRY_ABI_JOIN(version, library, debug) abi_v##version##library##debug
#define PSMDB_TELEMETRY_ABI_NAME(version, library, debug) \
    PSMDB_TELEMETRY_ABI_JOIN(version, library, debug)
#define PSMDB_TELEMETRY_ABI                                                            \
    PSMDB_TELEMETRY_ABI_NAME(PSMDB_TELEMETRY_ABI_VERSION, PSMDB_TELEMETRY_ABI_LIBRARY, \
                             PSMDB_TELEMETRY_ABI_DEBUG)

namespace psmdb::telemetry {
inline namespace PSMDB_TELEMETRY_ABI {

enum class LogLevel {
    info,
    warning,
};

// A detail of a log event. The name is a camelCase constant. A text has no control characters and
// at most 1024 bytes.
struct LogAttribute {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, bool> value;
};

// An event for the server's log. docs/log-events.md lists all events. The meaning and the message
// of an id never change. The views are valid during the call.
struct LogEvent {
    int id = 0;
    LogLevel level = LogLevel::info;
    std::string_view message;
    std::vector<LogAttribute> attributes;
};

// The event as one line, without a newline, for a server whose log is not structured:
// `Telemetry disabled decidedBy="DO_NOT_TRACK"`.
[[nodiscard]] std::string toLine(const LogEvent& event) noexcept;

// A POST request for the server's own HTTP client. The views are valid during the call.
struct HttpRequest {
    std::string_view url;
    std::string_view contentType;
    std::string_view userAgent;
    std::string_view body;
    std::chrono::milliseconds connectTimeout{0};
    std::chrono::milliseconds timeout{0};  // for the whole request, name resolution included
};

struct HttpResponse {
    int status = 0;          // the HTTP status; 0 means no response, and `error` says why
    std::string retryAfter;  // the value of the Retry-After header, or empty
    std::string error;  // for status and log, which show 512 bytes of it, without the URL's query
};

// The server's own HTTP client. A thread of the library calls post(), for each handle one call at a
// time. The library does not wait for a call that exceeds its time-out, and makes no other until it
// returns.
class HttpClient {
public:
    HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    virtual ~HttpClient() = default;

    // Makes the request and returns the response. Must verify certificates, must not follow
    // redirects, and must not add headers that say more about this host. Should respect both
    // time-outs: after request.timeout the library drops the result. An exception counts as no
    // response, and its what() is the error.
    virtual HttpResponse post(const HttpRequest& request) = 0;
};

// The interface that a server implements for the library. The library shares ownership of the Host
// and of its HttpClient. The last reference can be released by one of the library's threads:
// shortly after stop(), or, if post() still hangs, long after the Telemetry object is destroyed.
//
// The functions are called from the library's threads and from threads that call the library, also
// concurrently. They may call the library. They may throw: then the event is lost, or there is no
// client.
class Host {
public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host() = default;

    // Writes one event to the server's log. Not called after a Telemetry::stop() that returned
    // true.
    virtual void log(const LogEvent& event) = 0;

    // The server's own HTTP client, or nullptr. Called once, by the constructor of Telemetry. If
    // there is a client, it makes all http and https requests, and the built-in client makes none.
    virtual std::shared_ptr<HttpClient> httpClient() {
        return nullptr;
    }
};

// A server parameter, to be registered with the server.
struct Parameter {
    enum class Type { boolean, string, seconds, document };

    std::string name;
    std::string description;
    Type type = Type::string;
    bool atStartup = false;  // may be set on the command line and in the configuration file
    bool atRuntime = false;  // may be set while the server runs; if neither, it is read-only
};

enum class Code {
    ok,
    badValue,          // the value is not acceptable, or another switch forbids it
    notSettable,       // the parameter exists, but cannot be set at this time
    unknownParameter,  // no parameter has this name
    // The library failed and has switched itself off, or the call comes from a forked child of the
    // process that started it. This must not keep a server from starting.
    internal,
};

// The result of a call. `text` is the requested value, or a sentence for the user that says what
// was found and what would be accepted. The sentence does not name the parameter: the server adds
// the name, in its own words.
struct Result {
    Code code = Code::ok;
    std::string text;

    explicit operator bool() const noexcept {
        return code == Code::ok;
    }
};

enum class When {
    startup,  // command line and configuration file; before start()
    runtime,  // the setParameter command
};

struct StartOptions {
    std::string_view dbpath;   // in the encoding of the file system; may be relative
    std::string_view version;  // of the server, for example "4.4.26-25"; 256 bytes are reported
    // Why this server must not report, for example "enableTestCommands": then telemetry is off, and
    // the status shows this text as `decidedBy`. Empty for an installation, which reports.
    std::string_view suppressedBy = {};
};

// A handle: the telemetry of one dbpath. The constructor starts nothing. It reads the environment,
// and checks whether the file /etc/percona/telemetry-disable exists.
//
// A process can have several handles, each for a dbpath of its own.
//
// A handle may be created before the process forks, if the process has no other thread at that
// time. After start() it belongs to the process that called start(). In a process that is forked
// later its functions return at once and do nothing: set() and get() fail with Code::internal, and
// stop() returns true.
class Telemetry {
public:
    // With nullptr as host the library logs nothing.
    explicit Telemetry(std::shared_ptr<Host> host) noexcept;

    // Calls stop() with a deadline of zero. As with any object, no other thread may be in a
    // function of the handle or enter one. A handle with static storage is best stopped and never
    // destroyed: `static auto& telemetry = *new Telemetry(host);`
    ~Telemetry();

    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;

    // The version of the archive. PSMDB_TELEMETRY_VERSION is the version of the header.
    [[nodiscard]] static std::string_view version() noexcept;

    // All parameters, in a fixed order, the same for every handle. Empty if the library failed.
    [[nodiscard]] static std::vector<Parameter> parameters() noexcept;

    // Sets a parameter from text: a bool takes true, false, 1 and 0. Returns in microseconds; the
    // library's thread does the work. Switching perconaTelemetry off aborts an attempt in progress
    // before the call returns, but cannot abort a post() that is running. `optOutStored` in the
    // status shows whether an opt-out is stored in the dbpath.
    [[nodiscard]] Result set(std::string_view name, std::string_view value, When when) noexcept;

    // The value of a parameter as JSON text: true, 0, "https://…", {…}. It is null for an unusable
    // URL from the environment. Never waits for the network or the dbpath.
    [[nodiscard]] Result get(std::string_view name) const noexcept;

    // The value of perconaTelemetryStatus, a JSON document. In a forked child of the process that
    // called start() it is {}.
    [[nodiscard]] std::string status() const noexcept;

    // The part of the status that identifies neither the instance nor the host: a JSON document
    // with `enabled`, `state` and `attempts`. Use it where the output is archived or forwarded. It
    // is {} where status() is.
    [[nodiscard]] std::string summary() const noexcept;

    // Starts telemetry. Call it once, after the server has forked and has locked the dbpath.
    // Returns in microseconds: only the library's own thread accesses the dbpath and the network.
    // The thread ends when its work is done; none is started while telemetry is off. Further calls
    // have no effect; the first of them is logged, unless stop() came before. Failures are reported
    // by status() and by one log event.
    void start(const StartOptions& options) noexcept;

    // Stops telemetry and returns within `deadline`, even if an attempt hangs. This is final: the
    // handle cannot be started again. A running log() is waited for until the deadline.
    //
    // True: no thread of the library is running, except perhaps one inside HttpClient::post(), and
    // no log() is running or will be called. False: a log() is still running, or a thread hangs in
    // name resolution, a file system or a callback. The thread ends by itself, and of the caller's
    // objects uses only the Host and the HttpClient.
    bool stop(std::chrono::milliseconds deadline) noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> _impl;  // null if C++ ran out of memory: then no function does anything
};

}  // namespace PSMDB_TELEMETRY_ABI
}  // namespace psmdb::telemetry

#endif  // PSMDB_TELEMETRY_TELEMETRY_H
