// What the Rust side sees of the server's Host: functions that never throw. Private to the library.

#ifndef PSMDB_TELEMETRY_CPP_HOST_BRIDGE_H
#define PSMDB_TELEMETRY_CPP_HOST_BRIDGE_H

#include <memory>

#include "rust/cxx.h"

namespace psmdb::telemetry {
class Host;
}

namespace psmdb::telemetry::bridge {

enum class Level : std::uint8_t;
struct PostRequest;
struct PostAnswer;

// Holds the Host for as long as the library needs it. Without a Host it does nothing.
class HostBridge {
public:
    explicit HostBridge(std::shared_ptr<Host> host) noexcept;

    void log(Level level, rust::Str message) const noexcept;
    bool offers_http() const noexcept;
    PostAnswer post(const PostRequest& request) const noexcept;

private:
    std::shared_ptr<Host> _host;
};

}  // namespace psmdb::telemetry::bridge

#endif  // PSMDB_TELEMETRY_CPP_HOST_BRIDGE_H
