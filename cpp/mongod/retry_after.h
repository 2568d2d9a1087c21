// SPDX-License-Identifier: Apache-2.0
//
// The header Retry-After in what the server's HTTP client hands over: the header lines as they
// came.

#pragma once

#include <string>
#include <string_view>

namespace mongo::percona_telemetry {

// Its value; empty where there is none. What a proxy or an interim answer said before the last
// answer does not count.
std::string retryAfterOf(std::string_view headers);

}  // namespace mongo::percona_telemetry
