// Telemetry for Percona Server for MongoDB: the one public header of libpsmdb_telemetry.a.
//
// On the first start of a data directory the library stores an anonymous instanceId there and
// delivers one small report about the installation; later starts send nothing. It is on by default
// and is switched off by PERCONA_TELEMETRY_DISABLE, DO_NOT_TRACK, /etc/percona/telemetry-disable or
// the server parameter perconaTelemetry.
//
// Embedding it takes three calls:
//
//     psmdb::telemetry::Telemetry telemetry(host);    // while the process has one thread, or after
//                                                     // the fork
//     telemetry.start({dbpath, version});             // forked, and the dbpath is locked
//     telemetry.stop(std::chrono::milliseconds(50));  // at the top of the shutdown
//
// Every function here but the destructor of Telemetry is safe to call from any thread and in any
// order: parameters take effect if they are set before start(), and stop() may come before start().
// No function of Telemetry throws. Text is UTF-8 unless said otherwise; a string_view argument is
// copied before the call returns.
//
// The library is compiled with exceptions. A program that is compiled with -fno-exceptions can link
// it; then nothing that its Host and HttpClient call may throw.
//
// No function of Host or HttpClient may call pthread_exit(), and no thread that is in one may be
// cancelled: that would end a thread of this library, or of the server, halfway through a call.
//
// Where the heap is exhausted, Rust ends the process; docs/integration.md says how little is asked
// for.

#ifndef PSMDB_TELEMETRY_TELEMETRY_H
#define PSMDB_TELEMETRY_TELEMETRY_H

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

// The version of the library that this header belongs to. Telemetry::version() is the archive's.
#define PSMDB_TELEMETRY_VERSION "0.1.0"
// The version of this interface: it is raised whenever a program must be compiled anew.
#define PSMDB_TELEMETRY_ABI_VERSION 1

// A header, an archive and a program that do not belong together fail to link, and the linker names
// the cause: it stands in the name of each symbol, for example abi_v1_glibcxx_debug.
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

// A detail of a log event. The name is a camelCase constant. Text has no control characters, and at
// most 1024 bytes.
struct LogAttribute {
    std::string_view name;
    std::variant<std::string_view, std::int64_t, bool> value;
};

// Something that happened, for the server's log. docs/log-events.md lists all events. An id means
// the same for ever; a message is a constant of its id. The views are valid during the call.
struct LogEvent {
    int id = 0;
    LogLevel level = LogLevel::info;
    std::string_view message;
    std::vector<LogAttribute> attributes;
};

// The event as one line without a line end, for a server whose log is not structured:
// `Telemetry disabled decidedBy="DO_NOT_TRACK"`.
[[nodiscard]] std::string toLine(const LogEvent& event) noexcept;

// One POST that the library asks the server's own HTTP client to make. The views are valid for
// the duration of the call.
struct HttpRequest {
    std::string_view url;
    std::string_view contentType;
    std::string_view userAgent;
    std::string_view body;
    std::chrono::milliseconds connectTimeout{0};
    std::chrono::milliseconds timeout{0};  // for the whole request, name resolution included
};

struct HttpResponse {
    int status = 0;          // the HTTP status; 0 means no response came, and `error` says why
    std::string retryAfter;  // value of the Retry-After header; empty where there is none
    std::string error;  // shown in status and log: 512 bytes of it, without the query of the URL
};

// The server's own HTTP client. post() is called from a thread of the library, one call at a time
// (but a call that hangs beyond its time-out is not waited for, nor is another made meanwhile).
class HttpClient {
public:
    HttpClient() = default;
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;
    virtual ~HttpClient() = default;

    // Makes the request and returns the response. Must verify certificates, must not follow
    // redirects, must add no header that tells more about this host, and should keep to the
    // time-outs: the library waits no longer than request.timeout and then drops the result. An
    // exception counts as no response; its what() is the error.
    virtual HttpResponse post(const HttpRequest& request) = 0;
};

// What the library needs of the server that embeds it. The library shares ownership of the host and
// of its client: each is destroyed with its last reference. That can be one of the library's
// threads, a moment after stop(), or, if post() still hangs, long after Telemetry is gone.
//
// The functions are called from the library's threads and from threads that call the library, and
// may overlap. They may throw (then the event is lost, or there is no client) and may call back
// into the library.
class Host {
public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host() = default;

    // Writes one event to the server's log. Not called after a Telemetry::stop() that returned
    // true.
    virtual void log(const LogEvent& event) = 0;

    // The server's own HTTP client. Asked for once, when Telemetry is made. If there is one, it is
    // used for every http and https destination, and the library's built-in client for none.
    virtual std::shared_ptr<HttpClient> httpClient() {
        return nullptr;
    }
};

// A server parameter, for registration with the server's own machinery.
struct Parameter {
    enum class Type { boolean, string, seconds, document };

    std::string name;
    std::string description;
    Type type = Type::string;
    bool atStartup = false;  // may be set on the command line and in the configuration file
    bool atRuntime = false;  // may be set while the server runs; neither: read-only
};

enum class Code {
    ok,
    badValue,          // the value is not acceptable, or another switch forbids it
    notSettable,       // the parameter exists, but may not be set at this time
    unknownParameter,  // there is no parameter of this name
    // The library failed and has switched itself off, or this process was forked from the one that
    // runs it.
    internal,
};

// What became of a call. `text` is the value that was asked for, or a sentence for the user that
// says what was found and what would be accepted. It does not repeat the parameter's name: the
// server puts that before it, in its own words.
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
    // Why this server is not an installation that reports, for example "enableTestCommands": then
    // telemetry is off, and the status names this as the switch. Empty for an installation.
    std::string_view suppressedBy = {};
};

// The telemetry of one dbpath. Making it starts nothing; it looks at the environment, and whether
// the file /etc/percona/telemetry-disable is there.
//
// Several can live in one process, each with a dbpath of its own.
//
// A handle may be made before the process forks, as long as the process has no other thread then.
// After start() it belongs to the process that called it. In a process that is forked later its
// functions return at once and do nothing: set() and get() fail with Code::internal, stop() is
// true.
class Telemetry {
public:
    // Without a host (nullptr) the library logs nothing.
    explicit Telemetry(std::shared_ptr<Host> host) noexcept;

    // Stops at once (see stop), for a caller that has not. As with any object, no other thread may
    // be in a function of the handle or enter one. A handle with static storage is best stopped and
    // never destroyed: `static auto& telemetry = *new Telemetry(host);`
    ~Telemetry();

    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;

    // The version of the archive. PSMDB_TELEMETRY_VERSION is the header's.
    [[nodiscard]] static std::string_view version() noexcept;

    // The parameters that exist, in a fixed order. The same for every handle. Empty if the library
    // failed.
    [[nodiscard]] static std::vector<Parameter> parameters() noexcept;

    // Sets a parameter from text: a bool takes true, false, 1 and 0. Returns in microseconds;
    // what a change sets off happens on the library's thread. Switching perconaTelemetry off
    // stops what is being sent before the call returns (but cannot stop a post() that is running).
    // That an opt-out is stored in the dbpath shows as `optOutStored` in the status.
    [[nodiscard]] Result set(std::string_view name, std::string_view value, When when) noexcept;

    // The value of a parameter as JSON text: true, 0, "https://…", {…}, and null for a URL that the
    // environment gives and nobody can use. Never waits for the network or the dbpath.
    [[nodiscard]] Result get(std::string_view name) const noexcept;

    // The value of perconaTelemetryStatus: a JSON document, {} in a process that was forked from
    // the one that runs it.
    [[nodiscard]] std::string status() const noexcept;

    // The part of the status that names neither the instance nor the host: a JSON document with
    // `enabled`, `state` and `attempts`, for what archives or forwards the server's figures. {}
    // where status() is.
    [[nodiscard]] std::string summary() const noexcept;

    // Begins. Returns in microseconds: dbpath and network are touched on a thread of the library's
    // own, which ends when its work is done; none is started while telemetry is off. Call it once,
    // after the server has forked and has locked the dbpath. A further call changes nothing; the
    // first of them is logged, unless stop() came before. Failures are told by status() and one log
    // event.
    void start(const StartOptions& options) noexcept;

    // Ends the work and returns within `deadline`, even if an attempt hangs. Final: telemetry does
    // not start again.
    //
    // True: no thread of the library runs any more, except perhaps one inside HttpClient::post(),
    // and no log() runs or will start. False: a thread hangs, in name resolution, a file system or
    // a callback, or a log() runs. It ends by itself, and touches nothing of the caller's but the
    // Host and the HttpClient. A log() that runs is waited for until the deadline.
    bool stop(std::chrono::milliseconds deadline) noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> _impl;  // null if C++ ran out of memory: then everything does nothing
};

}  // namespace PSMDB_TELEMETRY_ABI
}  // namespace psmdb::telemetry

#endif  // PSMDB_TELEMETRY_TELEMETRY_H
