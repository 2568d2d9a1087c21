// The one handle of this process. Private to the module.

#ifndef MONGO_DB_MODULES_PERCONA_TELEMETRY_INSTANCE_H
#define MONGO_DB_MODULES_PERCONA_TELEMETRY_INSTANCE_H

#include "psmdb_telemetry/telemetry.h"

namespace mongo::percona_telemetry {

// Made when it is first asked for, which may be while options are parsed: nothing of the server
// is needed for it.
psmdb::telemetry::Telemetry& instance();

}  // namespace mongo::percona_telemetry

#endif  // MONGO_DB_MODULES_PERCONA_TELEMETRY_INSTANCE_H
