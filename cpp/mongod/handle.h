// SPDX-License-Identifier: Apache-2.0
//
// The process's Telemetry handle. Private to the module.

#pragma once

#include "psmdb_telemetry/telemetry.h"

namespace mongo::percona_telemetry {

// Created by the first call, which may come while options are parsed: creating it needs nothing of
// the server. Never destroyed.
psmdb::telemetry::Telemetry& telemetry();

}  // namespace mongo::percona_telemetry
