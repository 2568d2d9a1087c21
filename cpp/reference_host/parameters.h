// Server parameters: between the command line or BSON and the library. What they are and mean is
// known to the library alone; this goes by the table of Telemetry::parameters().

#pragma once

#include <string_view>

#include "bson.h"
#include "options.h"
#include "psmdb_telemetry/telemetry.h"

namespace telemetry_host {

// Sets what the command line gave, in its order. Throws StartupError, worded as mongod 4.4 does.
void applyStartupParameters(psmdb::telemetry::Telemetry& telemetry, const Options& options);

// The commands getParameter and setParameter; both return the whole reply. Of several names in one
// setParameter all are checked before any is set, the first that fails ends it without undoing the
// others, and `was` is the old value of the first.
Document getParameter(const psmdb::telemetry::Telemetry& telemetry, const Document& command);
Document setParameter(psmdb::telemetry::Telemetry& telemetry, const Document& command);

// Adds a parameter's value to a document under `key`. If the library cannot give it, nothing is
// added, and the result says why.
psmdb::telemetry::Result appendParameter(Document& document, const char* key,
                                         const psmdb::telemetry::Telemetry& telemetry,
                                         std::string_view name);

}  // namespace telemetry_host
