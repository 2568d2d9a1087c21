// A server with an HTTP client of its own delivers; one without can name no URL but a folder's.

#include "support.h"

namespace consumer {
namespace {

class ClientHost : public HostWithClient {
public:
    psmdb::telemetry::HttpResponse post(const psmdb::telemetry::HttpRequest& request) override {
        body = request.body;
        return {200, "", ""};
    }

    std::string body;
};

constexpr const char* kUrl = "https://telemetry.example/report";

void theServersClientDelivers() {
    const TempDir dbpath;
    const auto host = std::make_shared<ClientHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, kUrl);
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    expectContains("body", stored(dbpath, "instanceId"), host->body);
}

void withoutOneTheUrlIsRefused() {
    Telemetry telemetry(std::make_shared<RecordingHost>());
    const auto result = telemetry.set("perconaTelemetryUrl", kUrl, When::startup);
    expectContains("reason", "no HTTP client of its own and the server offers none", result.text);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"the server's client delivers", theServersClientDelivers},
        {"without one the URL is refused", withoutOneTheUrlIsRefused},
    });
}
