// Telemetry for Percona Server for MongoDB: the one public header of libpsmdb_telemetry.a.
//
// On the first start of a data directory the library stores an anonymous instanceId there and
// delivers one small report about the installation; later starts send nothing. It is on by default
// and is switched off by PERCONA_TELEMETRY_DISABLE, DO_NOT_TRACK, /etc/percona/telemetry-disable or
// the server parameter perconaTelemetry.
//
// Embedding it takes three lines:
//
//     psmdb::telemetry::Telemetry telemetry(host);    // at any time, also before fork
//     telemetry.start({dbpath, version});             // forked, and the dbpath is locked
//     telemetry.stop(std::chrono::milliseconds(50));  // at the top of the shutdown
//
// Everything declared here is safe to call from any thread and in any order. No function throws.
// Text is UTF-8 unless said otherwise; a string_view argument is copied before the call returns.

#ifndef PSMDB_TELEMETRY_TELEMETRY_H
#define PSMDB_TELEMETRY_TELEMETRY_H

#include <chrono>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

namespace psmdb::telemetry {

enum class LogLevel {
    info,
    warning,
};

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
    int status = 0;          // the HTTP status; 0 means no answer came, and `error` says why
    std::string retryAfter;  // value of the Retry-After header; empty where there is none
    std::string error;
};

// What the library needs of the server that embeds it. The library shares ownership: the object is
// destroyed when the last owner lets go. That can be one of the library's threads, a moment after
// stop(), or, if post() still hangs, long after Telemetry is gone.
//
// The functions are called from the library's threads and from threads that call the library, and
// may overlap. They may throw (a throwing log() is ignored, a throwing post() counts as no answer)
// and may call back into the library.
class Host {
public:
    Host() = default;
    Host(const Host&) = delete;
    Host& operator=(const Host&) = delete;
    virtual ~Host() = default;

    // Writes one line, without a line end, to the server's log. Not called after
    // Telemetry::stop() has returned.
    virtual void log(LogLevel level, std::string_view message) = 0;

    // Whether post() is implemented. Asked once, when Telemetry is made. If true, post() is used
    // for every http and https destination, and the library's built-in client for none.
    virtual bool offersHttp() const {
        return false;
    }

    // Makes the request and returns the answer. Must verify certificates, must not follow
    // redirects, must add no header that tells more about this host, and should keep to the
    // time-outs: the library waits no longer than request.timeout and then drops the result.
    virtual HttpResponse post(const HttpRequest& request) {
        static_cast<void>(request);
        HttpResponse response;
        response.error = "this server offers no HTTP client";
        return response;
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
    badValue,     // the value is not acceptable, or a switch outside the server forbids it
    notSettable,  // the parameter exists, but may not be set at this time
    unknown,      // there is no parameter of this name
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

// Where the instance lives and what it calls itself.
struct Instance {
    std::string_view dbpath;   // in the encoding of the file system
    std::string_view version;  // of the server, for example "4.4.26-25"
};

// One instance's telemetry. Making one starts nothing; it looks at the environment, and whether the
// file /etc/percona/telemetry-disable is there.
//
// Several can live in one process, each with a dbpath of its own.
//
// After start() it is of the process that called it. In a process that is forked later its
// functions return at once and do nothing: set() and get() fail with Code::internal, stop() is
// true.
class Telemetry {
public:
    // Without a host (nullptr) the library logs nothing.
    explicit Telemetry(std::shared_ptr<Host> host) noexcept;

    // Stops at once (see stop), for a caller that has not.
    ~Telemetry();

    Telemetry(const Telemetry&) = delete;
    Telemetry& operator=(const Telemetry&) = delete;

    // The parameters that exist, in a fixed order. The same for every instance.
    static std::vector<Parameter> parameters() noexcept;

    // Sets a parameter from text: a bool takes true, false, 1 and 0. Returns in microseconds;
    // what a change sets off happens on the library's thread. Switching perconaTelemetry off
    // stops what is being sent before the call returns (but cannot stop a post() that is running).
    Result set(std::string_view name, std::string_view value, When when) noexcept;

    // The value of a parameter as JSON text: true, 0, "https://…", {…}. Never waits for the
    // network or the dbpath.
    Result get(std::string_view name) const noexcept;

    // The value of perconaTelemetryStatus: a JSON document, {} if the library failed, or in a
    // process that was forked from the one that runs it.
    std::string status() const noexcept;

    // Begins. Returns in microseconds: dbpath and network are touched on a thread of the library's
    // own, which ends when its work is done; none is started while telemetry is off. Call it once,
    // after the server has forked and has locked the dbpath. A second call, and one after stop(),
    // does nothing. Failures are told by status() and one line in the log.
    void start(const Instance& instance) noexcept;

    // Ends the work and returns within `deadline`, even if an attempt hangs; true says that
    // the library's thread has ended, false that it was left behind, blocked in the kernel. After
    // it returns no log() will start; one that is running is waited for until the deadline.
    // Final: telemetry does not start again.
    bool stop(std::chrono::milliseconds deadline) noexcept;

private:
    class Impl;
    std::unique_ptr<Impl> _impl;  // null if memory ran out: then everything does nothing
};

}  // namespace psmdb::telemetry

#endif  // PSMDB_TELEMETRY_TELEMETRY_H
