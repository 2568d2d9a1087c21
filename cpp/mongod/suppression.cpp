// SPDX-License-Identifier: Apache-2.0

#include "mongo/db/modules/percona_telemetry/suppression.h"

#include <algorithm>
#include <exception>
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
    try {
        BSONObjBuilder value;
        found->second->append(nullptr, value, name);
        return value.obj().firstElement().trueValue();
    } catch (const std::exception&) {
        return true;  // what cannot be read counts as set: then nothing is sent
    }
}

bool isRepair(const char*) {
    return storageGlobalParams.repair;
}

bool isReadOnly(const char*) {
    return storageGlobalParams.readOnly;
}

constexpr Mark kMarks[] = {
    // Backup tools start temporary servers with it on a dbpath that they have emptied and restored.
    // Such a server knows neither mongod.conf nor an opt-out that stood in the dbpath before.
    {"disableLogicalSessionCacheRefresh", isParameterSet},
    // Brings a restored dbpath to a point in time; the server that will use it starts later.
    {"recoverFromOplogAsStandalone", isParameterSet},
    // As above: the dbpath is prepared for the server that will use it.
    {"takeUnstableCheckpointOnShutdown", isParameterSet},
    // A test suite's server: each fresh dbpath would be another installation.
    {"enableTestCommands", isParameterSet},
    // Repairs the files and ends.
    {"--repair", isRepair},
    // Serves a backup from a read-only dbpath: an id could not be stored.
    {"queryableBackupMode", isReadOnly},
};

}  // namespace

std::string_view suppressedBy() noexcept {
    const auto mark = std::find_if(
        std::begin(kMarks), std::end(kMarks), [](const Mark& m) { return m.isSet(m.name); });
    return mark == std::end(kMarks) ? std::string_view() : std::string_view(mark->name);
}

}  // namespace mongo::percona_telemetry
