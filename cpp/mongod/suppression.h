// SPDX-License-Identifier: Apache-2.0
//
// Servers that are not an installation, and therefore do not report.

#pragma once

#include <string_view>

namespace mongo::percona_telemetry {

// The name of the first setting in the list that marks such a server; empty for an installation.
// Valid once options are parsed and stored.
std::string_view suppressedBy() noexcept;

}  // namespace mongo::percona_telemetry
