// The C++ side of the boundary, between the public header and the cxx bridge. No exception crosses
// it in either direction.

#include "psmdb_telemetry/telemetry.h"

#include <algorithm>
#include <cstdint>
#include <exception>
#include <utility>

#include "psmdb-telemetry/cpp/host_bridge.h"
#include "psmdb-telemetry/src/ffi.rs.h"

namespace psmdb::telemetry {
inline namespace PSMDB_TELEMETRY_ABI {
namespace {

// Runs `body`, which may run out of memory anywhere. If it throws, returns `fallback`, which must
// not allocate.
template <typename Body, typename Value>
Value guarded(Value fallback, Body body) noexcept {
    try {
        return body();
    } catch (...) {
        return fallback;
    }
}

rust::Slice<const std::uint8_t> bytes(std::string_view text) {
    return {reinterpret_cast<const std::uint8_t*>(text.data()), text.size()};
}

std::string_view view(rust::Str text) {
    return {text.data(), text.size()};
}

Code code(bridge::Code code) {
    switch (code) {
        case bridge::Code::Ok:
            return Code::ok;
        case bridge::Code::BadValue:
            return Code::badValue;
        case bridge::Code::NotSettable:
            return Code::notSettable;
        case bridge::Code::UnknownParameter:
            return Code::unknownParameter;
        default:
            return Code::internal;
    }
}

Parameter::Type type(bridge::Type type) {
    switch (type) {
        case bridge::Type::Boolean:
            return Parameter::Type::boolean;
        case bridge::Type::Seconds:
            return Parameter::Type::seconds;
        case bridge::Type::Document:
            return Parameter::Type::document;
        default:
            return Parameter::Type::string;
    }
}

Result result(const bridge::Outcome& outcome) {
    return {code(outcome.code), std::string(outcome.text)};
}

// Escapes only what would hide the end of the text.
std::string quoted(std::string_view text) {
    std::string result = "\"";
    for (const char character : text) {
        if (character == '"' || character == '\\') {
            result += '\\';
        }
        result += character;
    }
    return result + '"';
}

std::string text(const decltype(LogAttribute::value)& value) {
    if (const auto* const number = std::get_if<std::int64_t>(&value)) {
        return std::to_string(*number);
    }
    if (const auto* const boolean = std::get_if<bool>(&value)) {
        return *boolean ? "true" : "false";
    }
    return quoted(std::get<std::string_view>(value));
}

Result failed() noexcept {
    Result result;
    result.code = Code::internal;
    return result;
}

}  // namespace

std::string toLine(const LogEvent& event) noexcept {
    return guarded(std::string(), [&] {
        std::string line(event.message);
        for (const LogAttribute& attribute : event.attributes) {
            line.append(" ").append(attribute.name).append("=").append(text(attribute.value));
        }
        return line;
    });
}

class Telemetry::Impl {
public:
    explicit Impl(std::shared_ptr<Host> host)
        : handle(bridge::make(std::make_shared<bridge::HostBridge>(std::move(host)))) {
    }

    rust::Box<bridge::Handle> handle;
};

Telemetry::Telemetry(std::shared_ptr<Host> host) noexcept
    : _impl(guarded(std::unique_ptr<Impl>(),
                    [&] { return std::make_unique<Impl>(std::move(host)); })) {
}

Telemetry::~Telemetry() {
    stop(std::chrono::milliseconds(0));
}

std::string_view Telemetry::version() noexcept {
    return view(bridge::version());
}

std::vector<Parameter> Telemetry::parameters() noexcept {
    return guarded(std::vector<Parameter>(), [] {
        std::vector<Parameter> table;
        for (const auto& info : bridge::parameters()) {
            table.push_back({std::string(info.name), std::string(info.description), type(info.kind),
                             info.at_startup, info.at_runtime});
        }
        return table;
    });
}

Result Telemetry::set(std::string_view name, std::string_view value, When when) noexcept {
    return guarded(failed(), [&] {
        return _impl ? result(_impl->handle->set(bytes(name), bytes(value), when == When::runtime))
                     : failed();
    });
}

Result Telemetry::get(std::string_view name) const noexcept {
    return guarded(failed(),
                   [&] { return _impl ? result(_impl->handle->get(bytes(name))) : failed(); });
}

std::string Telemetry::status() const noexcept {
    Result status = get("perconaTelemetryStatus");
    return status ? std::move(status.text) : "{}";  // short enough not to allocate
}

std::string Telemetry::summary() const noexcept {
    return guarded(std::string("{}"), [&] {
        return _impl ? std::string(_impl->handle->summary()) : std::string("{}");
    });
}

void Telemetry::start(const StartOptions& options) noexcept {
    if (_impl) {
        _impl->handle->start(bytes(options.dbpath), bytes(options.version),
                             bytes(options.suppressedBy));
    }
}

bool Telemetry::stop(std::chrono::milliseconds deadline) noexcept {
    const auto wait = std::max<std::chrono::milliseconds::rep>(deadline.count(), 0);
    return !_impl || _impl->handle->stop(static_cast<std::uint64_t>(wait));
}

}  // namespace PSMDB_TELEMETRY_ABI

namespace bridge {
namespace {

decltype(telemetry::LogAttribute::value) value(const LogAttribute& attribute) {
    if (attribute.kind == AttributeKind::Integer) {
        return attribute.number;
    }
    return view(attribute.text);
}

}  // namespace

HostBridge::HostBridge(std::shared_ptr<Host> host) noexcept : _host(std::move(host)) {
}

void HostBridge::log(std::int32_t id, Level level, rust::Str message,
                     rust::Slice<const LogAttribute> attributes) const noexcept {
    try {
        if (!_host) {
            return;
        }
        LogEvent event;
        event.id = id;
        event.level = level == Level::Warning ? LogLevel::warning : LogLevel::info;
        event.message = view(message);
        for (const LogAttribute& attribute : attributes) {
            event.attributes.push_back({view(attribute.name), value(attribute)});
        }
        _host->log(event);
    } catch (...) {
        // The event is lost: there is nowhere left to report the failure.
    }
}

std::shared_ptr<HttpClientBridge> HostBridge::http_client() const noexcept {
    return guarded(std::shared_ptr<HttpClientBridge>(), [&] {
        auto client = _host ? _host->httpClient() : nullptr;
        return client ? std::make_shared<HttpClientBridge>(std::move(client)) : nullptr;
    });
}

HttpClientBridge::HttpClientBridge(std::shared_ptr<HttpClient> client) noexcept
    : _client(std::move(client)) {
}

PostResponse HttpClientBridge::post(const PostRequest& request) const noexcept {
    PostResponse result{};
    try {
        const HttpResponse response = _client->post(
            {view(request.url), view(request.content_type), view(request.user_agent),
             view(request.body), std::chrono::milliseconds(request.connect_timeout_ms),
             std::chrono::milliseconds(request.timeout_ms)});
        // No HTTP status is outside of 100 to 999: such a number means no response.
        const bool isStatus = response.status >= 100 && response.status <= 999;
        result.status = static_cast<std::uint16_t>(isStatus ? response.status : 0);
        result.retry_after = rust::String::lossy(response.retryAfter);
        result.error = rust::String::lossy(response.error);
    } catch (const std::exception& e) {
        result.status = 0;
        result.error = rust::String::lossy(e.what());
    } catch (...) {
        result.status = 0;
        result.error = rust::String("the server's HTTP client failed");
    }
    return result;
}

}  // namespace bridge
}  // namespace psmdb::telemetry
