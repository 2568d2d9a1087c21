// SPDX-License-Identifier: Apache-2.0
//
// Finds Retry-After in the raw header lines that the server's HTTP client returns.

#pragma once

#include <string>
#include <string_view>

namespace mongo::percona_telemetry {

// The header's value, or an empty string. Only the last response counts: a proxy's and interim
// responses come before it.
std::string retryAfterOf(std::string_view headers);

}  // namespace mongo::percona_telemetry
