// SPDX-License-Identifier: Apache-2.0

#include "mongo/db/modules/percona_telemetry/suppression.h"

#include <exception>
#include <string>

#include "mongo/bson/bsonobj.h"
#include "mongo/bson/bsonobjbuilder.h"
#include "mongo/db/storage/storage_options.h"
#include "mongo/idl/server_parameter.h"

namespace mongo::percona_telemetry {
namespace {

struct Suppression {
    const char* name;
    bool (*isSet)(const char* name);
};

// Looked up by name: not every version has every parameter. A missing one counts as not set.
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
        return true;  // an unreadable parameter counts as set: then nothing is sent
    }
}

bool isRepair(const char*) {
    return storageGlobalParams.repair;
}

bool isReadOnly(const char*) {
    return storageGlobalParams.readOnly;
}

constexpr Suppression kSuppressions[] = {
    // Backup tools set it on temporary servers, on a dbpath that they have emptied and restored.
    // Such a server has neither mongod.conf nor the opt-out that was in the dbpath before.
    {"disableLogicalSessionCacheRefresh", isParameterSet},
    // Brings a restored dbpath to a point in time. The server that will use it starts later.
    {"recoverFromOplogAsStandalone", isParameterSet},
    // As above: the dbpath is prepared for the server that will use it.
    {"takeUnstableCheckpointOnShutdown", isParameterSet},
    // A test suite's server: each new dbpath would count as another installation.
    {"enableTestCommands", isParameterSet},
    // Repairs the files and exits.
    {"--repair", isRepair},
    // Serves a backup from a read-only dbpath: an id could not be stored.
    {"queryableBackupMode", isReadOnly},
};

}  // namespace

std::string_view suppressedBy() noexcept {
    for (const Suppression& suppression : kSuppressions) {
        if (suppression.isSet(suppression.name)) {
            return suppression.name;
        }
    }
    return {};
}

}  // namespace mongo::percona_telemetry
