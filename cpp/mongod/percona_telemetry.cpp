// SPDX-License-Identifier: Apache-2.0

#include "mongo/db/modules/percona_telemetry/percona_telemetry.h"

#include <memory>

#include "mongo/db/modules/percona_telemetry/handle.h"
#include "mongo/db/modules/percona_telemetry/server_host.h"
#include "mongo/db/modules/percona_telemetry/suppression.h"
#include "mongo/db/storage/storage_options.h"
#include "mongo/stdx/chrono.h"
#include "mongo/util/version.h"

#if __has_include("mongo/db/telemetry/telemetry_thread_base.h") || \
                  __has_include("mongo/db/telemetry/telemetry_thread.h")
#error "This server has telemetry of its own: remove src/mongo/db/modules/percona_telemetry"
#endif

namespace mongo::percona_telemetry {
namespace {

constexpr stdx::chrono::milliseconds kStopDeadline(50);

}  // namespace

psmdb::telemetry::Telemetry& telemetry() {
    static auto& handle = *new psmdb::telemetry::Telemetry(std::make_shared<ServerHost>());
    return handle;
}

void start() noexcept {
    const StringData version = VersionInfoInterface::instance().version();
    telemetry().start(
        {storageGlobalParams.dbpath, {version.rawData(), version.size()}, suppressedBy()});
}

void stop() noexcept {
    telemetry().stop(kStopDeadline);
}

}  // namespace mongo::percona_telemetry
