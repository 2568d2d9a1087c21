// SPDX-License-Identifier: Apache-2.0
//
// Gives the library mongod's log, and mongod's HTTP client if it is built with one.

#pragma once

#include <memory>

#include "psmdb_telemetry/telemetry.h"

namespace mongo::percona_telemetry {

class ServerHost final : public psmdb::telemetry::Host {
public:
    void log(const psmdb::telemetry::LogEvent& event) override;
    std::shared_ptr<psmdb::telemetry::HttpClient> httpClient() override;
};

// On one of the library's threads: tells the server the thread's name, for its log lines. To be
// called before any of the server's code can log there.
void adoptThreadName();

}  // namespace mongo::percona_telemetry
