// SPDX-License-Identifier: Apache-2.0
//
// The build defines PERCONA_TELEMETRY_HTTP_CLIENT as 1 if the server is built with its HTTP client,
// else as 0. This must be known while options are parsed, which is too early to create a client.

#include <string>

#include "mongo/db/modules/percona_telemetry/retry_after.h"
#include "mongo/db/modules/percona_telemetry/server_host.h"

#if PERCONA_TELEMETRY_HTTP_CLIENT
#include "mongo/stdx/chrono.h"
#include "mongo/util/net/http_client.h"
#endif

namespace mongo::percona_telemetry {

#if PERCONA_TELEMETRY_HTTP_CLIENT

namespace {

using psmdb::telemetry::HttpRequest;
using psmdb::telemetry::HttpResponse;

// The server's client counts in whole seconds, and 0 means no limit.
Seconds rounded(stdx::chrono::milliseconds time) {
    return Seconds(stdx::chrono::ceil<stdx::chrono::seconds>(time).count());
}

std::string header(const std::string& name, std::string_view value) {
    return name + ": " + std::string(value);
}

std::string textOf(const DataBuilder& bytes) {
    const ConstDataRange range = bytes.getCursor();
    return std::string(range.data(), range.length());
}

class ServerHttpClient final : public psmdb::telemetry::HttpClient {
public:
    // May throw: the library takes an exception for a missing response.
    HttpResponse post(const HttpRequest& request) override {
        adoptThreadName();
        HttpResponse response;
        const auto client = mongo::HttpClient::create();
        if (!client) {
            response.error = "this server is built without its HTTP client";
            return response;
        }
        // The library allows http only to loopback.
        client->allowInsecureHTTP(request.url.substr(0, 5) == "http:");
        client->setConnectTimeout(rounded(request.connectTimeout));
        client->setTimeout(rounded(request.timeout));
        // A name without a value stops curl from sending its own header.
        client->setHeaders({header("Content-Type", request.contentType),
                            header("User-Agent", request.userAgent),
                            "Accept:",
                            "Expect:"});
        const auto reply = client->request(mongo::HttpClient::HttpMethod::kPOST,
                                           {request.url.data(), request.url.size()},
                                           {request.body.data(), request.body.size()});
        response.status = reply.code;
        response.retryAfter = retryAfterOf(textOf(reply.header));
        return response;
    }
};

}  // namespace

std::shared_ptr<psmdb::telemetry::HttpClient> ServerHost::httpClient() {
    return std::make_shared<ServerHttpClient>();
}

#else

std::shared_ptr<psmdb::telemetry::HttpClient> ServerHost::httpClient() {
    return nullptr;
}

#endif

}  // namespace mongo::percona_telemetry
