// What the library needs of mongod: its log, and its HTTP client where it is built with one.

#ifndef MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_HOST_H
#define MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_HOST_H

#include <string_view>

#include "psmdb_telemetry/telemetry.h"

namespace mongo::percona_telemetry {

class ServerHost : public psmdb::telemetry::Host {
public:
    void log(psmdb::telemetry::LogLevel level, std::string_view message) override;
    bool offersHttp() const override;
    psmdb::telemetry::HttpResponse post(const psmdb::telemetry::HttpRequest& request) override;
};

}  // namespace mongo::percona_telemetry

#endif  // MONGO_DB_MODULES_PERCONA_TELEMETRY_SERVER_HOST_H
