// SPDX-License-Identifier: Apache-2.0
//
// The section `perconaTelemetry` of serverStatus.

#include "mongo/bson/bsonobj.h"
#include "mongo/db/commands/server_status.h"
#include "mongo/db/modules/percona_telemetry/handle.h"
#include "mongo/db/modules/percona_telemetry/values.h"

namespace mongo::percona_telemetry {
namespace {

class Section final : public ServerStatusSection {
public:
    Section() : ServerStatusSection("perconaTelemetry") {}

    // Cheap enough to be polled every second: no I/O, and a few microseconds.
    bool includeByDefault() const override {
        return true;
    }

    // The diagnostic data capture requests no section by name, and archives the reply in files that
    // are passed on. So the default section does not identify the instance.
    BSONObj generateSection(OperationContext*, const BSONElement& requested) const override {
        const auto json = requested.eoo() ? telemetry().summary() : telemetry().status();
        return documentOf("section", json).firstElement().Obj().getOwned();
    }
};

// The server keeps a pointer to the section.
[[maybe_unused]] const auto& section = *new Section;

}  // namespace
}  // namespace mongo::percona_telemetry
