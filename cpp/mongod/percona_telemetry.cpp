#include "mongo/db/modules/percona_telemetry/percona_telemetry.h"

#include <chrono>
#include <memory>
#include <string>

#include "mongo/db/modules/percona_telemetry/instance.h"
#include "mongo/db/modules/percona_telemetry/server_host.h"
#include "mongo/db/modules/percona_telemetry/server_versions.h"
#include "mongo/db/storage/storage_options.h"
#include "mongo/util/version.h"

namespace mongo::percona_telemetry {
namespace {

constexpr std::chrono::milliseconds kStopDeadline(50);

}  // namespace

psmdb::telemetry::Telemetry& instance() {
    static psmdb::telemetry::Telemetry telemetry(std::make_shared<ServerHost>());
    return telemetry;
}

void start() noexcept {
    if (storageGlobalParams.repair || isReadOnly(storageGlobalParams)) {
        return;
    }
    const std::string version(VersionInfoInterface::instance().version());
    instance().start({storageGlobalParams.dbpath, version});
}

void stop() noexcept {
    instance().stop(kStopDeadline);
}

}  // namespace mongo::percona_telemetry
