// The server offers its own HTTP client: it is used, and whatever it does is an answer or none.

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

#include "psmdb_telemetry/telemetry.h"
#include "receiver.h"
#include "support.h"

namespace consumer {
namespace {

using psmdb::telemetry::HttpRequest;
using psmdb::telemetry::HttpResponse;

constexpr const char* kUrl = "https://telemetry.example:8443/report?x=1";

// A request whose views are gone.
struct SeenRequest {
    std::string url;
    std::string contentType;
    std::string userAgent;
    std::string body;
    std::chrono::milliseconds connectTimeout;
    std::chrono::milliseconds timeout;
};

class ClientHost : public HostWithClient {
public:
    using Post = std::function<HttpResponse()>;

    explicit ClientHost(Post post) : _post(std::move(post)) {
    }

    std::shared_ptr<HttpClient> httpClient() override {
        ++_asked;
        return HostWithClient::httpClient();
    }

    HttpResponse post(const HttpRequest& request) override {
        {
            const std::lock_guard<std::mutex> lock(_mutex);
            _requests.push_back({std::string(request.url), std::string(request.contentType),
                                 std::string(request.userAgent), std::string(request.body),
                                 request.connectTimeout, request.timeout});
        }
        return _post();
    }

    std::vector<SeenRequest> requests() const {
        const std::lock_guard<std::mutex> lock(_mutex);
        return _requests;
    }

    int timesAsked() const {
        return _asked;
    }

private:
    const Post _post;
    std::atomic<int> _asked{0};
    mutable std::mutex _mutex;
    std::vector<SeenRequest> _requests;
};

HttpResponse answer(int status, const std::string& error = {}, const std::string& retryAfter = {}) {
    HttpResponse response;
    response.status = status;
    response.error = error;
    response.retryAfter = retryAfter;
    return response;
}

void itMakesTheRequest() {
    const TempDir dbpath;
    const auto host = std::make_shared<ClientHost>([] { return answer(200); });
    Telemetry telemetry(host);
    start(telemetry, dbpath, kUrl);
    host->waitFor("Telemetry report delivered");
    expectEqual("state", "sent", state(telemetry));
    expectStopped(telemetry);
    expectEqual("times httpClient() was asked", 1, host->timesAsked());

    expectEqual("requests", 1U, host->requests().size());
    const SeenRequest request = host->requests().front();
    expectEqual("url", kUrl, request.url);
    expectEqual("contentType", "application/json", request.contentType);
    expectEqual("userAgent begins with", "psmdb-telemetry/", request.userAgent.substr(0, 16));
    expectEqual("space in the userAgent", std::string::npos, request.userAgent.find(' '));
    expectEqual("body", "{\"reports\":[" + member(telemetry, "id"),
                request.body.substr(0, 12) + stored(dbpath, "reportId"));
    expectContains("body", stored(dbpath, "instanceId"), request.body);
    expectEqual("connectTimeout in ms", 5000, request.connectTimeout.count());
    expectEqual("timeout in ms", 10000, request.timeout.count());
}

void itIsUsedForLoopbackToo() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<ClientHost>([] { return answer(204); });
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    expectEqual("url", receiver.url(), host->requests().front().url);
    expectEqual("connections of the library itself", 0U, receiver.connections());
}

// Waits until the first attempt has failed, and gives lastError. The second may come at once:
// chance decides.
std::string failedAttempt(const ClientHost::Post& post) {
    const TempDir dbpath;
    const auto host = std::make_shared<ClientHost>(post);
    Telemetry telemetry(host);
    start(telemetry, dbpath, kUrl);
    host->waitFor("will retry");
    waitForState(telemetry, "retrying");
    const std::string lastError = member(telemetry, "lastError");
    expectEqual("stored mark", "", stored(dbpath, "PRODUCT_FAMILY_PSMDB"));
    expect(!stored(dbpath, "nextAttempt").empty(), "nextAttempt is stored", "it is not");
    expectStopped(telemetry);
    expectEqual("warnings", 0U, host->warnings().size());
    return lastError;
}

void whatItThrowsCountsAsNoAnswer() {
    expectEqual(
        "lastError after a std::exception", "no route to anywhere",
        failedAttempt([]() -> HttpResponse { throw std::runtime_error("no route to anywhere"); }));
    expectContains("lastError after an int", "HTTP client",
                   failedAttempt([]() -> HttpResponse { throw 7; }));
}

void whatIsNoStatusCountsAsNoAnswer() {
    for (const int status : {0, -5, 99, 1000}) {
        expectEqual("lastError after status " + std::to_string(status), "the cable is out",
                    failedAttempt([=] { return answer(status, "the cable is out"); }));
    }
}

void aBusyEndpointIsTriedAgain() {
    expectContains("lastError", "503", failedAttempt([] { return answer(503, "", "3600"); }));
}

void aRefusalIsFinal() {
    const TempDir dbpath;
    const auto host = std::make_shared<ClientHost>([] { return answer(404); });
    Telemetry telemetry(host);
    start(telemetry, dbpath, kUrl);
    host->waitFor("404");
    waitForState(telemetry, "gaveUp");
    waitUntilLibraryThreadsAreGone();
    expectEqual("requests", 1U, host->requests().size());
    expectStopped(telemetry);
}

void badTextDoesNoHarm() {
    const std::string bytes("torn \xff\xfe\xc3 text \0 end", 19);
    const std::string lastError = failedAttempt([=] { return answer(0, bytes); });
    expectContains("lastError", "torn \xef\xbf\xbd", lastError);
    expectContains("lastError", "text   end", lastError);
    expectContains("lastError after a bad retryAfter", "503",
                   failedAttempt([=] { return answer(503, bytes, bytes); }));
    expectContains(
        "lastError after a bad what()", "torn \xef\xbf\xbd",
        failedAttempt([=]() -> HttpResponse { throw std::runtime_error(bytes.c_str()); }));
    const std::string huge(1024 * 1024, 'x');
    expectEqual("lastError after a huge error", std::string(512, 'x'),
                failedAttempt([=] { return answer(0, huge); }));
}

class UndecidedHost : public RecordingHost {
public:
    std::shared_ptr<HttpClient> httpClient() override {
        throw std::runtime_error("not decided yet");
    }
};

void aThrowingOfferCountsAsNone() {
    const TempDir dbpath;
    Receiver receiver = Receiver::answering();
    const auto host = std::make_shared<UndecidedHost>();
    Telemetry telemetry(host);
    start(telemetry, dbpath, receiver.url());
    host->waitFor("Telemetry report delivered");
    expectStopped(telemetry);
    expectEqual("connections of the library itself", 1U, receiver.connections());
}

}  // namespace
}  // namespace consumer

int main() {
    using namespace consumer;
    return prove({
        {"the server's client gets the whole request, and its 200 is a delivery",
         itMakesTheRequest},
        {"the server's client is used for loopback too, and the built-in one for nothing",
         itIsUsedForLoopbackToo},
        {"an exception of post() counts as no answer", whatItThrowsCountsAsNoAnswer},
        {"a number that is no status counts as no answer", whatIsNoStatusCountsAsNoAnswer},
        {"a 503 is tried again", aBusyEndpointIsTriedAgain},
        {"a 404 is final until the next start", aRefusalIsFinal},
        {"bad UTF-8, NULs and a huge error do no harm", badTextDoesNoHarm},
        {"an httpClient() that throws offers nothing", aThrowingOfferCountsAsNone},
    });
}
