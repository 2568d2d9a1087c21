// A build without `https`: the server's client delivers, end to end, and nothing else does.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>

#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

using psmdb::telemetry::Code;
using psmdb::telemetry::HttpRequest;
using psmdb::telemetry::HttpResponse;

constexpr const char* kHttps = "https://telemetry.example/report";

// A server with a client of its own, for http to loopback.
class ClientHost : public HostWithClient {
public:
    HttpResponse post(const HttpRequest& request) override {
        const std::string url(request.url);
        const std::size_t port = url.rfind(':') + 1;
        sockaddr_in address{};
        address.sin_family = AF_INET;
        address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        address.sin_port = htons(static_cast<std::uint16_t>(std::stoi(url.substr(port))));
        const UniqueFd connection(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
        HttpResponse response;
        if (::connect(connection.get(), reinterpret_cast<const sockaddr*>(&address),
                      sizeof(address)) != 0) {
            response.error = "no connection";
            return response;
        }
        const std::string text = "POST " + url.substr(url.find('/', port)) +
                                 " HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n" +
                                 "Content-Type: " + std::string(request.contentType) +
                                 "\r\nUser-Agent: " + std::string(request.userAgent) +
                                 "\r\nContent-Length: " + std::to_string(request.body.size()) +
                                 "\r\n\r\n" + std::string(request.body);
        std::array<char, 64> answer{};
        if (::send(connection.get(), text.data(), text.size(), 0) < 0 ||
            ::recv(connection.get(), answer.data(), answer.size() - 1, 0) <= 0) {
            response.error = "no answer";
            return response;
        }
        response.status = std::stoi(std::string(answer.data()).substr(9, 3));
        return response;
    }
};

void theServersClientDelivers() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<ClientHost>();
    Telemetry telemetry(host);
    expect(static_cast<bool>(telemetry.set("perconaTelemetryUrl", kHttps, When::startup)),
           "an https URL is taken where the server offers a client", "it is refused");
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    expectEqual("requests", 1U, receiver.requests().size());
    expectContains("body", stored(dbpath, "instanceId"), receiver.requests().front().body);
}

void aUrlThatNobodyServesIsRefused() {
    Telemetry telemetry(std::make_shared<RecordingHost>());
    for (const char* const url : {kHttps, "http://127.0.0.1:9/"}) {
        const auto result = telemetry.set("perconaTelemetryUrl", url, When::startup);
        expect(result.code == Code::badValue, "the URL is refused", "it is taken");
        expectContains("reason", "no HTTP client of its own and the server offers none",
                       result.text);
    }
}

void theDefaultIsAFailureThatSaysWhy() {
    const TempDir dbpath;
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    telemetry.start({dbpath.path(), kVersion});
    waitForState(telemetry, "failed");
    host->expectOneWarning("file:///folder");
    expectStopped(telemetry);
}

void aFolderIsServed() {
    const TempDir dbpath;
    const TempDir outbox;
    const auto host = std::make_shared<RecordingHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, "file://" + outbox.path());
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    expectEqual("files", 1U, outbox.names().size());
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"the server's client delivers, end to end", theServersClientDelivers},
        {"a URL that nobody serves is refused at start-up", aUrlThatNobodyServesIsRefused},
        {"the default endpoint is a failure that says why", theDefaultIsAFailureThatSaysWhy},
        {"a folder is served", aFolderIsServed},
    });
}
