// What a server's own tests would do with the library: the built-in client delivers, then the
// server's own, and the status is asked for meanwhile.

#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

class Client : public HttpClient {
public:
    psmdb::telemetry::HttpResponse post(const psmdb::telemetry::HttpRequest& request) override {
        const std::lock_guard<std::mutex> lock(_mutex);
        _bodies.emplace_back(request.body);
        return {200, "", ""};
    }

private:
    std::mutex _mutex;
    std::vector<std::string> _bodies;
};

class ServerWithClient : public RecordingHost {
public:
    std::shared_ptr<HttpClient> httpClient() override {
        return _client;
    }

private:
    std::shared_ptr<Client> _client = std::make_shared<Client>();
};

// Under ThreadSanitizer it is never destroyed: the archive is not instrumented, and so the
// sanitizer does not see who was the last to share it.
template <typename Server>
std::shared_ptr<Server> shared() {
#ifdef __SANITIZE_THREAD__
    static auto& host = *new std::shared_ptr<Server>(std::make_shared<Server>());
    return host;
#else
    return std::make_shared<Server>();
#endif
}

void delivers(const std::shared_ptr<RecordingHost>& host) {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    std::thread monitor([&telemetry] {
        for (int i = 0; i < 100; ++i) {
            expect(!telemetry.status().empty() && !telemetry.summary().empty(), "a status", "none");
        }
    });
    host->waitFor("Telemetry report delivered");
    monitor.join();
    expectStopped(telemetry);
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"the built-in client delivers", [] { delivers(shared<RecordingHost>()); }},
        {"the server's client delivers", [] { delivers(shared<ServerWithClient>()); }},
    });
}
