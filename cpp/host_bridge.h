// The server's Host and HttpClient as the Rust side sees them: functions that never throw. Private
// to the library.

#ifndef PSMDB_TELEMETRY_CPP_HOST_BRIDGE_H
#define PSMDB_TELEMETRY_CPP_HOST_BRIDGE_H

#include <cstdint>
#include <memory>

#include "psmdb_telemetry/telemetry.h"
#include "rust/cxx.h"

namespace psmdb::telemetry::bridge {

enum class Level : std::uint8_t;
struct LogAttribute;
struct PostRequest;
struct PostResponse;

// Holds the server's HTTP client for as long as the library needs it.
class HttpClientBridge {
public:
    explicit HttpClientBridge(std::shared_ptr<HttpClient> client) noexcept;

    PostResponse post(const PostRequest& request) const noexcept;

private:
    std::shared_ptr<HttpClient> _client;
};

// Holds the Host for as long as the library needs it. Without a Host it does nothing.
class HostBridge {
public:
    explicit HostBridge(std::shared_ptr<Host> host) noexcept;

    void log(std::int32_t id, Level level, rust::Str message,
             rust::Slice<const LogAttribute> attributes) const noexcept;
    std::shared_ptr<HttpClientBridge> http_client() const noexcept;

private:
    std::shared_ptr<Host> _host;
};

}  // namespace psmdb::telemetry::bridge

#endif  // PSMDB_TELEMETRY_CPP_HOST_BRIDGE_H
