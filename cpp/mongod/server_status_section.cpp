// The section `perconaTelemetry` of serverStatus: the value of perconaTelemetryStatus.

#include "mongo/bson/bsonobj.h"
#include "mongo/db/modules/percona_telemetry/instance.h"
#include "mongo/db/modules/percona_telemetry/server_versions.h"
#include "mongo/db/modules/percona_telemetry/values.h"

namespace mongo::percona_telemetry {
namespace {

class Section final : public ServerStatusSection {
public:
    using ServerStatusSection::ServerStatusSection;

    // Cheap enough for whoever polls serverStatus every second: the library keeps the text ready,
    // and turning it into BSON takes microseconds.
    bool includeByDefault() const override {
        return true;
    }

    BSONObj generateSection(OperationContext*, const BSONElement&) const override {
        return documentOf("status", instance().status()).firstElement().Obj().getOwned();
    }
};

[[maybe_unused]] const bool isAdded = addSection<Section>("perconaTelemetry");

}  // namespace
}  // namespace mongo::percona_telemetry
