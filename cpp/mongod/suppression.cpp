// SPDX-License-Identifier: Apache-2.0

#include "mongo/db/modules/percona_telemetry/suppression.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "mongo/bson/bsonobj.h"
#include "mongo/bson/bsonobjbuilder.h"
#include "mongo/db/storage/storage_options.h"
#include "mongo/idl/server_parameter.h"

namespace mongo::percona_telemetry {
namespace {

struct Mark {
    const char* name;
    bool (*isSet)(const char* name);
};

// Looked up by name: not every version has every parameter, and one that is missing is not set.
bool isParameterSet(const char* name) {
    const auto& parameters = ServerParameterSet::getGlobal()->getMap();
    const auto found = parameters.find(name);
    if (found == parameters.end()) {
        return false;
    }
    BSONObjBuilder value;
    found->second->append(nullptr, value, name);
    return value.obj().firstElement().trueValue();
}

bool isRepair(const char*) {
    return storageGlobalParams.repair;
}

bool isReadOnly(const char*) {
    return storageGlobalParams.readOnly;
}

constexpr Mark kMarks[] = {
    // Backup tools start a temporary server with it on a dbpath that they have just restored.
    // Whoever opted out of telemetry did so on another server, or in the files that are gone.
    {"disableLogicalSessionCacheRefresh", isParameterSet},
    // A restored dbpath is brought to a point in time before it is put to use.
    {"recoverFromOplogAsStandalone", isParameterSet},
    // The same, where the dbpath is written back for another server.
    {"takeUnstableCheckpointOnShutdown", isParameterSet},
    // A test suite's server: each run would be another installation.
    {"enableTestCommands", isParameterSet},
    // Ends when the files are repaired.
    {"--repair", isRepair},
    // Serves a backup: an id could not be stored, nor would it be another installation's.
    {"queryableBackupMode", isReadOnly},
};

}  // namespace

std::string_view suppressedBy() noexcept {
    const auto mark = std::find_if(
        std::begin(kMarks), std::end(kMarks), [](const Mark& m) { return m.isSet(m.name); });
    return mark == std::end(kMarks) ? std::string_view() : std::string_view(mark->name);
}

}  // namespace mongo::percona_telemetry
