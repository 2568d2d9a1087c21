// Server parameters: between the command line or BSON and the library. What they are and mean is
// known to the library alone; this goes by the table of Telemetry::parameters().

#ifndef TELEMETRY_HOST_PARAMETERS_H
#define TELEMETRY_HOST_PARAMETERS_H

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "bson.h"
#include "psmdb_telemetry/telemetry.h"

namespace telemetry_host {

// Sets what the command line gave, in its order. Throws StartupError, worded as mongod 4.4 does.
void applyStartupParameters(psmdb::telemetry::Telemetry& telemetry,
                            const std::vector<std::pair<std::string, std::string>>& settings);

// The commands getParameter and setParameter; both return the whole reply.
//
// Several names may be set in one command. As in 4.4, all names are checked before any is set, they
// are set in the order of their names, the first that fails ends it without undoing the others, and
// `was` is the old value of the first.
Document getParameter(const psmdb::telemetry::Telemetry& telemetry, const Document& command);
Document setParameter(psmdb::telemetry::Telemetry& telemetry, const Document& command);

// Adds a parameter's value to a document under `key`. If the library cannot give it, nothing is
// added, and the result says why.
psmdb::telemetry::Result addParameter(Document& document, std::string_view key,
                                      const psmdb::telemetry::Telemetry& telemetry,
                                      std::string_view name);

}  // namespace telemetry_host

#endif  // TELEMETRY_HOST_PARAMETERS_H
