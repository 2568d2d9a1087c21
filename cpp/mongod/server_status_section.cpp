// SPDX-License-Identifier: Apache-2.0
//
// The section `perconaTelemetry` of serverStatus.

#include "mongo/bson/bsonobj.h"
#include "mongo/db/commands/server_status.h"
#include "mongo/db/modules/percona_telemetry/instance.h"
#include "mongo/db/modules/percona_telemetry/values.h"

namespace mongo::percona_telemetry {
namespace {

class Section final : public ServerStatusSection {
public:
    Section() : ServerStatusSection("perconaTelemetry") {}

    // Cheap enough for whoever polls serverStatus every second: the library keeps the text ready,
    // and turning it into BSON takes microseconds.
    bool includeByDefault() const override {
        return true;
    }

    // The diagnostic data capture asks without naming sections, and archives the answer in files
    // that are handed to others: then nothing names the instance.
    BSONObj generateSection(OperationContext*, const BSONElement& asked) const override {
        const auto json = asked.eoo() ? instance().summary() : instance().status();
        return documentOf("section", json).firstElement().Obj().getOwned();
    }
};

// The server keeps a pointer to it.
[[maybe_unused]] const auto& section = *new Section;

}  // namespace
}  // namespace mongo::percona_telemetry
