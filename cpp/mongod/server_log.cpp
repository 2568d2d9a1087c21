#define MONGO_LOGV2_DEFAULT_COMPONENT ::mongo::logv2::LogComponent::kControl

#include <string>

#include "mongo/db/modules/percona_telemetry/server_host.h"
#include "mongo/logv2/log.h"

namespace mongo::percona_telemetry {

void ServerHost::log(psmdb::telemetry::LogLevel level, std::string_view message) {
    const std::string text(message);
    if (level == psmdb::telemetry::LogLevel::warning) {
        LOGV2_WARNING(29201, "Percona telemetry", "message"_attr = text);
    } else {
        LOGV2(29200, "Percona telemetry", "message"_attr = text);
    }
}

}  // namespace mongo::percona_telemetry
