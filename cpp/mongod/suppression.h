// SPDX-License-Identifier: Apache-2.0
//
// Servers that are not an installation, and so do not report.

#pragma once

#include <string_view>

namespace mongo::percona_telemetry {

// The first mark of such a server that is set; empty for an installation. Right once options are
// parsed and stored.
std::string_view suppressedBy() noexcept;

}  // namespace mongo::percona_telemetry
