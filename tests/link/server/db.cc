// A server's db.cpp, as docs/integration.md has it: the two calls, and nothing where the module's
// folder is absent.

#if __has_include("mongo/db/modules/percona_telemetry/percona_telemetry.h")
#include "mongo/db/modules/percona_telemetry/percona_telemetry.h"
#define PERCONA_TELEMETRY(call) percona_telemetry::call
#else
#define PERCONA_TELEMETRY(call)
#endif

namespace mongo {

void initAndListen() {
    PERCONA_TELEMETRY(start());
}

void shutdownTask() {
    PERCONA_TELEMETRY(stop());
}

}  // namespace mongo
