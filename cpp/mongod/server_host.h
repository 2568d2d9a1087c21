// SPDX-License-Identifier: Apache-2.0
//
// What the library needs of mongod: its log, and its HTTP client where it is built with one.

#pragma once

#include <memory>

#include "psmdb_telemetry/telemetry.h"

namespace mongo::percona_telemetry {

class ServerHost final : public psmdb::telemetry::Host {
public:
    void log(const psmdb::telemetry::LogEvent& event) override;
    std::shared_ptr<psmdb::telemetry::HttpClient> httpClient() override;
};

// On a thread of the library's: makes its name that of the server's log lines. Call it before
// anything of the server's may log there.
void adoptThreadName();

}  // namespace mongo::percona_telemetry
