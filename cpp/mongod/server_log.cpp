// SPDX-License-Identifier: Apache-2.0

#define MONGO_LOGV2_DEFAULT_COMPONENT ::mongo::logv2::LogComponent::kControl

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <type_traits>
#include <variant>

#include "mongo/base/string_data.h"
#include "mongo/db/modules/percona_telemetry/server_host.h"
#include "mongo/logv2/log.h"

namespace mongo::percona_telemetry {
namespace {

using logv2::DynamicAttributes;
using psmdb::telemetry::LogAttribute;
using psmdb::telemetry::LogEvent;
using psmdb::telemetry::LogLevel;

template <std::size_t N>
bool addIfNamed(const char (&name)[N], const LogAttribute& attribute, DynamicAttributes& to) {
    if (attribute.name != std::string_view(name, N - 1)) {
        return false;
    }
    std::visit(
        [&](auto value) {
            if constexpr (std::is_same_v<decltype(value), std::string_view>) {
                to.add(name, StringData(value.data(), value.size()));
            } else if constexpr (std::is_same_v<decltype(value), std::int64_t>) {
                to.add(name, static_cast<long long>(value));
            } else {
                to.add(name, value);
            }
        },
        attribute.value);
    return true;
}

// The server's log requires names that are literals.
template <std::size_t... N>
bool addAny(const LogAttribute& attribute, DynamicAttributes& to, const char (&... names)[N]) {
    return (addIfNamed(names, attribute, to) || ...);
}

bool addAll(const LogEvent& event, DynamicAttributes& to) {
    bool known = true;
    for (const LogAttribute& attribute : event.attributes) {
        known &= addAny(attribute,
                        to,
                        "attempts",
                        "decidedBy",
                        "destination",
                        "durationMillis",
                        "effect",
                        "error",
                        "movedTo",
                        "nextAttempt",
                        "reason",
                        "sentAt",
                        "variable");
    }
    return known;
}

// For an archive newer than this module. Only the event's own log id is lost.
void logUnknown(const LogEvent& event) {
    const std::string line = toLine(event);
    if (event.level == LogLevel::warning) {
        LOGV2_WARNING(29829,
                      "Telemetry event of a newer library",
                      "event"_attr = event.id,
                      "text"_attr = line);
    } else {
        LOGV2(29828,
              "Telemetry event of a newer library",
              "event"_attr = event.id,
              "text"_attr = line);
    }
}

}  // namespace

void ServerHost::log(const LogEvent& event) {
    adoptThreadName();
    DynamicAttributes attributes;
    if (!addAll(event, attributes)) {
        logUnknown(event);
        return;
    }
    switch (event.id) {
        case 29800:
            LOGV2(29800, "Telemetry enabled", attributes);
            break;
        case 29801:
            LOGV2(29801, "Telemetry disabled", attributes);
            break;
        case 29802:
            LOGV2(29802, "Telemetry enabled, report already delivered", attributes);
            break;
        case 29803:
            LOGV2(29803, "Telemetry report delivered", attributes);
            break;
        case 29804:
            LOGV2(29804, "Telemetry report delivery failed, will retry", attributes);
            break;
        case 29805:
            LOGV2(29805, "Telemetry report refused, will retry after a restart", attributes);
            break;
        case 29806:
            LOGV2_WARNING(29806, "Telemetry report delivered, but delivery not stored", attributes);
            break;
        case 29807:
            LOGV2_WARNING(29807, "Telemetry failed", attributes);
            break;
        case 29808:
            LOGV2_WARNING(
                29808, "Telemetry disabled until restart, opt-out not stored", attributes);
            break;
        case 29809:
            LOGV2_WARNING(
                29809, "Telemetry opt-in not stored, a restart may disable telemetry", attributes);
            break;
        case 29810:
            LOGV2_WARNING(29810, "Telemetry opt-out not confirmed before shutdown", attributes);
            break;
        case 29811:
            LOGV2_WARNING(29811, "File telemetry_uuid quarantined", attributes);
            break;
        case 29812:
            LOGV2_WARNING(29812, "Invalid environment variable for telemetry", attributes);
            break;
        case 29813:
            LOGV2_WARNING(29813, "Telemetry disabled after an internal error", attributes);
            break;
        case 29814:
            LOGV2(29814, "Telemetry started more than once, ignored", attributes);
            break;
        default:
            logUnknown(event);
            break;
    }
}

}  // namespace mongo::percona_telemetry
