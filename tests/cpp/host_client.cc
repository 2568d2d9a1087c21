// The server offers its own HTTP client: it is used, and whatever it does is a response or none.

#include "support.h"

using namespace consumer;

namespace {

constexpr const char* kUrl = "https://telemetry.example:8443/report?x=1";

// A client that is asked for once, keeps its last request as text, and does what a test says.
class ClientHost : public HostWithClient {
public:
    using Post = std::function<HttpResponse()>;

    explicit ClientHost(Post post) : _post(std::move(post)) {
    }

    std::shared_ptr<HttpClient> httpClient() override {
        ++timesAsked;
        return HostWithClient::httpClient();
    }

    HttpResponse post(const HttpRequest& request) override {
        std::ostringstream text;
        text << request.url << " " << request.contentType << " " << request.userAgent << " "
             << request.connectTimeout.count() << " " << request.timeout.count() << " "
             << request.body;
        const std::lock_guard<std::mutex> lock(_mutex);
        _request = text.str();
        return _post();
    }

    std::string request() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _request;
    }

    std::atomic<int> timesAsked{0};

private:
    const Post _post;
    mutable std::mutex _mutex;
    std::string _request;
};

// Waits until the first attempt has failed, and gives lastError. The second may come at once:
// chance decides.
std::string failedAttempt(const ClientHost::Post& post) {
    const Server server(std::make_shared<ClientHost>(post));
    server.startUntil("will retry", kUrl);
    waitForState(server.telemetry(), "retrying");
    const std::string lastError = member(server.telemetry(), "lastError");
    server.expectNotDelivered();
    server.stop();
    server.host->expectNoWarning();
    return lastError;
}

std::string failedResponse(int status, const std::string& error,
                           const std::string& retryAfter = {}) {
    return failedAttempt([=] { return HttpResponse{status, retryAfter, error}; });
}

}  // namespace

TEST("the server's client gets the whole request, also for loopback, and its 200 is a delivery") {
    Receiver receiver = Receiver::answering();
    for (const std::string& url : {std::string(kUrl), receiver.url()}) {
        const auto host = std::make_shared<ClientHost>([] { return HttpResponse{200, "", ""}; });
        const Server server(host);
        server.deliver(url);
        server.stop();
        expectEqual("times httpClient() was asked", 1, host->timesAsked.load());
        const std::string expected =
            url + " application/json psmdb-telemetry/" + std::string(Telemetry::version()) +
            " 5000 10000 {\"reports\":[{\"id\":\"" + stored(server.dbpath, "reportId") + "\"";
        expectEqual("request", expected, host->request().substr(0, expected.size()));
        expectContains("body", stored(server.dbpath, "instanceId"), host->request());
    }
    expectEqual("connections of the library itself", 0U, receiver.connections());
}

TEST("an exception of post() counts as no response") {
    expectEqual(
        "lastError after a std::exception", "no route to anywhere",
        failedAttempt([]() -> HttpResponse { throw std::runtime_error("no route to anywhere"); }));
    expectContains("lastError after an int", "HTTP client",
                   failedAttempt([]() -> HttpResponse { throw 7; }));
}

TEST("a number that is no status counts as no response") {
    for (const int status : {0, -5, 99, 1000}) {
        expectEqual("lastError after status " + std::to_string(status), "the cable is out",
                    failedResponse(status, "the cable is out"));
    }
}

TEST("bad UTF-8, NULs and a huge error do no harm") {
    const std::string bytes("torn \xff\xfe\xc3 text \0 end", 19);
    expectEqual("lastError", "torn \xef\xbf\xbd", failedResponse(0, bytes).substr(0, 8));
    expectContains("lastError", "text   end", failedResponse(0, bytes));
    expectContains("lastError with a bad Retry-After", "503", failedResponse(503, bytes, bytes));
    expectContains(
        "lastError after a bad what()", "torn \xef\xbf\xbd",
        failedAttempt([=]() -> HttpResponse { throw std::runtime_error(bytes.c_str()); }));
    expectEqual("lastError after a huge error", std::string(512, 'x'),
                failedResponse(0, std::string(1024 * 1024, 'x')));
}

int main() {
    return prove();
}
