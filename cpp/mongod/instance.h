// SPDX-License-Identifier: Apache-2.0
//
// The one handle of this process. Private to the module.

#pragma once

#include "psmdb_telemetry/telemetry.h"

namespace mongo::percona_telemetry {

// Made when it is first asked for, which may be while options are parsed: nothing of the server is
// needed for it. Never destroyed.
psmdb::telemetry::Telemetry& instance();

}  // namespace mongo::percona_telemetry
