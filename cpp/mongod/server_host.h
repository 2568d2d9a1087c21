// What the library needs of mongod: its log, and its HTTP client where it is built with one.

#ifndef MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_HOST_H
#define MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_HOST_H

#include <string_view>

#include "psmdb_telemetry/telemetry.h"

namespace mongo::percona_telemetry {

class ServerHost : public psmdb::telemetry::Host {
public:
    void log(const psmdb::telemetry::LogEvent& event) override;
    std::shared_ptr<psmdb::telemetry::HttpClient> httpClient() override;
};

}  // namespace mongo::percona_telemetry

#endif  // MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_HOST_H
